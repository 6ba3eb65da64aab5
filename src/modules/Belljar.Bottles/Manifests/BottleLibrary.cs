using System.Text.RegularExpressions;
using Belljar.Contracts;
using Belljar.Hosting;
using Belljar.Manifest;

namespace Belljar.Bottles.Manifests;

/// <summary>
/// The operator's bottles: the Markdown files of one folder in his home. A folder that somebody else could write to, or
/// that came with a cloned repository, is refused: a repository must never grant itself anything.
/// </summary>
public sealed partial class BottleLibrary(string folder)
{
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>The names of the bottles that there are, in order. Files of other names are not bottles.</summary>
    public IReadOnlyList<string> Names => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*.md").Select(file => Path.GetFileNameWithoutExtension(file)).Where(IsName).Order(StringComparer.Ordinal)]
        : [];

    /// <param name="name">The bottle's name.</param>
    /// <param name="workingFolder">Where the operator stands, to know which repository he might be in.</param>
    /// <param name="errors">Where the file's mistakes go.</param>
    /// <exception cref="UnknownNameException">There is no such bottle.</exception>
    /// <exception cref="OperatorException">The folder or the file could have been written by somebody else.</exception>
    public BottleManifest? Load(string name, string workingFolder, SettingsErrors errors)
    {
        if (!IsName(name) || !Names.Contains(name))
        {
            throw new UnknownNameException("bottle", name, Names);
        }

        var file = Path.Combine(folder, name + ".md");
        RefuseRepository(workingFolder);
        RefuseOthers(folder);
        RefuseOthers(file);
        return Frontmatter.Load(file, errors) is { } document
            ? BottleManifest.Read(name, new SettingsReader(document.Settings, "", errors))
            : null;
    }

    public static bool IsName(string name) => NamePattern().IsMatch(name);

    private void RefuseRepository(string workingFolder)
    {
        for (var at = new DirectoryInfo(workingFolder); at is not null; at = at.Parent)
        {
            if (Path.Exists(Path.Combine(at.FullName, ".git")) && IsBelow(folder, at.FullName))
            {
                throw new OperatorException(
                    $"the bottles in {folder} lie inside the repository {at.FullName}, which could have brought them. Keep BELLJAR_HOME outside of it.");
            }
        }
    }

    private static void RefuseOthers(string path)
    {
        if ((File.GetUnixFileMode(path) & WritableByOthers) is not UnixFileMode.None)
        {
            throw new OperatorException($"{path} can be written by others, and it says what agents may do. Run: chmod go-w '{path}'");
        }
    }

    private static bool IsBelow(string path, string ancestor) =>
        Path.GetFullPath(path).StartsWith(Path.TrimEndingDirectorySeparator(ancestor) + "/", StringComparison.Ordinal);

    [GeneratedRegex("^[a-z][a-z0-9-]{0,62}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamePattern();
}
