namespace Belljar.Protocols.Http1;

/// <summary>
/// A rule that allows a path and what lies below it: <c>/repos</c> allows <c>/repos</c> and <c>/repos/x</c>, not
/// <c>/repository</c>; <c>/repos/</c> allows only what lies below. It must hold for every reading of a path.
/// </summary>
public sealed class PathPrefix
{
    private readonly string _decoded;

    private PathPrefix(string text, string decoded)
    {
        Text = text;
        _decoded = decoded;
    }

    /// <summary>The canonical form.</summary>
    public string Text { get; }

    /// <returns>False unless it is an absolute path in canonical form: no dots, no double slashes, no query, nothing that has several readings.</returns>
    public static bool TryParse(string text, out PathPrefix prefix)
    {
        prefix = new PathPrefix("/", "/");
        if (!text.StartsWith('/') || text.Contains('?') || text.Any(c => c is <= ' ' or >= '\u007f' or '\\' or '#' or ';')
            || !RequestPath.TryParse(text, out var path) || path.Canonical != text || path.DecodedReadings is not { } readings)
        {
            return false;
        }

        prefix = new PathPrefix(text, readings[^1]);
        return true;
    }

    public bool Allows(RequestPath path)
        => IsBelow(path.Canonical, Text) && path.DecodedReadings is { } readings && readings.All(HoldsFor);

    private bool HoldsFor(string reading) => IsBelow(reading, _decoded) || IsBelow(reading, Text);

    private static bool IsBelow(string path, string prefix) => path.StartsWith(prefix, StringComparison.Ordinal)
        && (path.Length == prefix.Length || prefix.EndsWith('/') || path[prefix.Length] == '/');

    public override string ToString() => Text;
}
