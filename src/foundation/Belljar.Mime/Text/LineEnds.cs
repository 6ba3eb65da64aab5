namespace Belljar.Mime.Text;

/// <summary>Line ends of mail: CRLF, and LF or CR where senders are careless. Form feeds and Unicode's separators are characters here.</summary>
internal static class LineEnds
{
    public static string ToLf(string text) =>
        text.Contains('\r') ? text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n') : text;

    public static string ToCrLf(string text) => ToLf(text).Replace("\n", "\r\n", StringComparison.Ordinal);
}
