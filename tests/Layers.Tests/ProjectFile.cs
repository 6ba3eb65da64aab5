using System.Xml.Linq;
using Belljar.Testing;

namespace Layers.Tests;

/// <summary>A project as its file says: its name, its place in the house, and whom it references.</summary>
internal sealed record ProjectFile(string Name, string Path, string Layer, IReadOnlyList<string> References, IReadOnlyList<string> Packages)
{
    /// <summary>Every project below <c>src/</c>.</summary>
    public static IReadOnlyList<ProjectFile> Sources { get; } = Read("src");

    /// <summary>Every project below <c>tests/</c>.</summary>
    public static IReadOnlyList<ProjectFile> Tests { get; } = Read("tests");

    private static List<ProjectFile> Read(string folder) =>
        [.. Directory.EnumerateFiles(System.IO.Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(Parse)];

    private static ProjectFile Parse(string path)
    {
        var xml = XDocument.Load(path);
        var relative = System.IO.Path.GetRelativePath(Repository.Root, path);
        var parts = relative.Split('/');
        return new ProjectFile(
            System.IO.Path.GetFileNameWithoutExtension(path),
            relative,
            parts.Length == 4 ? parts[1] : "executable",
            [.. Included(xml, "ProjectReference").Select(include => System.IO.Path.GetFileNameWithoutExtension(include))],
            [.. Included(xml, "PackageReference")]);
    }

    private static IEnumerable<string> Included(XDocument xml, string item) =>
        xml.Descendants(item).Select(element => (string?)element.Attribute("Include")).OfType<string>().Select(include => include.Replace('\\', '/'));
}
