using System.Text;

namespace Belljar.Decoys.Http.Apache;

/// <summary>Apache's reading of the first line under <c>HttpProtocolOptions Strict</c>: RFC 9112 §3 to the letter.</summary>
internal static class ApacheRequestLine
{
    public static RequestLine Read(ReadOnlySpan<byte> line)
    {
        var text = Encoding.Latin1.GetString(line);
        if (!text.EndsWith('\r'))
        {
            return RequestLine.Broken(text);
        }

        text = text[..^1];
        var parts = text.Split(' ');
        var isShort = parts.Length == 2 || (parts.Length == 3 && parts[2].Length == 0);
        if (parts.Length is < 2 or > 3 || !IsToken(parts[0]) || parts[1].Length == 0 || text.Any(c => c is < ' ' or '\u007f'))
        {
            return RequestLine.Broken(text);
        }

        if (isShort)
        {
            return parts[0] is "GET" && parts[1][0] == '/' ? new RequestLine(parts[0], parts[1], 0, 9) : RequestLine.Broken(text);
        }

        return parts[2] is ['H', 'T', 'T', 'P', '/', >= '1' and <= '9', '.', >= '0' and <= '9']
            ? new RequestLine(parts[0], parts[1], parts[2][5] - '0', parts[2][7] - '0')
            : RequestLine.Broken(text);
    }

    public static bool IsToken(string text) => text.Length > 0
        && text.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
}
