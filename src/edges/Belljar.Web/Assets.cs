using System.Collections.Frozen;

namespace Belljar.Web;

/// <summary>The files of the console: style, script, mark. They are our own and part of the program.</summary>
internal static class Assets
{
    private static readonly FrozenDictionary<string, (string ContentType, byte[] Bytes)> Files = new Dictionary<string, (string, byte[])>
    {
        ["/assets/console.css"] = ("text/css; charset=utf-8", Load("console.css")),
        ["/assets/console.js"] = ("text/javascript; charset=utf-8", Load("console.js")),
        ["/assets/mark.svg"] = ("image/svg+xml", Load("mark.svg")),
    }.ToFrozenDictionary();

    public static IEnumerable<string> Paths => Files.Keys;

    public static bool TryGet(string path, out string contentType, out byte[] bytes)
    {
        var found = Files.TryGetValue(path, out var file);
        (contentType, bytes) = found ? file : ("", []);
        return found;
    }

    private static byte[] Load(string name)
    {
        using var stream = typeof(Assets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not part of this build.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
