using System.IO.Compression;
using System.Text;

namespace Belljar.Sandboxes.Tests.Packages;

/// <summary>Two wheels, one of which needs the other and brings a command (PEP 427, PEP 503).</summary>
internal static class PipIndex
{
    /// <returns>The mirror's files below <c>/simple/</c>.</returns>
    public static Dictionary<string, byte[]> Build()
    {
        var files = new Dictionary<string, byte[]>();
        Add("bjpart", "", "NAME = 'part'\n", "");
        Add("bjwhole", "Requires-Dist: bjpart>=1.0\n", "import bjpart\n\n\ndef main():\n    print('whole and', bjpart.NAME)\n", "[console_scripts]\nbjwhole = bjwhole:main\n");
        return files;

        void Add(string name, string metadata, string code, string entryPoints)
        {
            var wheel = $"{name}-1.0-py3-none-any.whl";
            files[$"/simple/{name}/"] = Encoding.ASCII.GetBytes($"<!DOCTYPE html><html><body><a href=\"/wheels/{wheel}\">{wheel}</a></body></html>");
            files[$"/wheels/{wheel}"] = Zip(
                ($"{name}/__init__.py", code),
                ($"{name}-1.0.dist-info/METADATA", $"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{metadata}"),
                ($"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
                ($"{name}-1.0.dist-info/entry_points.txt", entryPoints),
                ($"{name}-1.0.dist-info/RECORD", $"{name}/__init__.py,,\n{name}-1.0.dist-info/METADATA,,\n{name}-1.0.dist-info/WHEEL,,\n{name}-1.0.dist-info/entry_points.txt,,\n{name}-1.0.dist-info/RECORD,,\n"));
        }
    }

    private static byte[] Zip(params (string Name, string Text)[] entries)
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            foreach (var (name, text) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return bytes.ToArray();
    }
}
