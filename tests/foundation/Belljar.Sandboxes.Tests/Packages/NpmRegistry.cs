using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Belljar.Sandboxes.Tests.Packages;

/// <summary>Two packages: one with a script that runs when it is installed, a command, and a need for the other, which has a scope.</summary>
internal static class NpmRegistry
{
    /// <returns>The mirror's files below <c>/npm/</c>.</returns>
    public static Dictionary<string, byte[]> Build(int port)
    {
        var files = new Dictionary<string, byte[]>();
        Add("@bj/part", """{"name":"@bj/part","version":"1.0.0","main":"index.js"}""", "", ("index.js", "module.exports = 'part';\n"));
        const string Whole = "\"bin\":{\"bj-whole\":\"cli.js\"},\"dependencies\":{\"@bj/part\":\"^1.0.0\"},\"scripts\":{\"postinstall\":\"node after.js\"}";
        Add(
            "bj-whole",
            $$"""{"name":"bj-whole","version":"1.0.0",{{Whole}}}""",
            $",{Whole},\"hasInstallScript\":true",
            ("cli.js", "#!/usr/bin/env node\nconsole.log('whole and', require('@bj/part'), require('fs').readFileSync(__dirname + '/after', 'utf8'));\n"),
            ("after.js", "require('fs').writeFileSync('after', 'after');\n"));
        return files;

        void Add(string name, string manifest, string fields, params (string Name, string Text)[] content)
        {
            var archive = $"/npm/{name}/-/package-1.0.0.tgz";
            var bytes = Pack([("package.json", manifest), .. content]);
            files[archive] = bytes;
            var integrity = "sha512-" + Convert.ToBase64String(SHA512.HashData(bytes));
            files[$"/npm/{name}"] = Encoding.UTF8.GetBytes($$$"""
                {"name":"{{{name}}}","dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{"name":"{{{name}}}","version":"1.0.0"{{{fields}}},
                "dist":{"tarball":"http://127.0.0.1:{{{port}}}{{{archive}}}","integrity":"{{{integrity}}}"} } } }
                """);
        }
    }

    private static byte[] Pack(IEnumerable<(string Name, string Text)> files)
    {
        var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
        {
            foreach (var (name, text) in files)
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"package/{name}")
                {
                    DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
                    Mode = (UnixFileMode)0x1ED,
                });
            }
        }

        return bytes.ToArray();
    }
}
