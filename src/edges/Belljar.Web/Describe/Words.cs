using System.Globalization;

namespace Belljar.Web.Describe;

/// <summary>Small things in the words of people.</summary>
internal static class Words
{
    private const int LongestQuote = 160;

    /// <summary>Hostile text of any length, cut to what a sentence bears; all of it stands in the details.</summary>
    public static string Cut(string? text) => text is null ? "" : text.Length <= LongestQuote ? text : $"{text[..LongestQuote]}…";

    public static string Size(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB"),
    };

    public static string Span(double milliseconds) => milliseconds switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
        < 60_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0} s"),
        < 3_600_000 => $"{(int)(milliseconds / 60_000)} min",
        _ => $"{(int)(milliseconds / 3_600_000)} h",
    };

    /// <summary>A few names, and how many more there are.</summary>
    public static string List(IReadOnlyCollection<string> names, int most = 4) => names.Count switch
    {
        0 => "none",
        var count when count <= most => string.Join(", ", names),
        var count => $"{string.Join(", ", names.Take(most))} and {count - most} more",
    };

    /// <summary>Host and port as they are written together.</summary>
    public static string Endpoint(string host, int port) =>
        host.Contains(':') ? string.Create(CultureInfo.InvariantCulture, $"[{host}]:{port}") : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
}
