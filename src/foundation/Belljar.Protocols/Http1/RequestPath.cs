using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Belljar.Protocols.Http1;

/// <summary>
/// A path in the one form in which it is judged and forwarded, and every other way in which a server might read it. Servers
/// decode once, twice or not at all, take <c>%2F</c> and <c>\</c> for a slash or not, and some drop <c>;parameters</c>
/// before they resolve dots: a rule about paths is kept only if it holds for all of these readings.
/// </summary>
public sealed class RequestPath
{
    private const int DeepestEncoding = 4;

    private RequestPath(string canonical, string query, IReadOnlyList<string>? readings)
    {
        Canonical = canonical;
        Query = query;
        DecodedReadings = readings;
    }

    /// <summary>
    /// Dots resolved, repeated slashes merged, unreserved characters decoded, other encodings kept with upper-case digits
    /// (RFC 3986 §6.2.2). This is what goes upstream.
    /// </summary>
    public string Canonical { get; }

    /// <summary>With its question mark, as sent; empty when there is none.</summary>
    public string Query { get; }

    public string PathAndQuery => Canonical + Query;

    /// <summary>
    /// The path decoded in every way beyond <see cref="Canonical"/>, normalised. Null when nobody can say what it means
    /// (encoded too deeply, not UTF-8): then no rule about paths holds.
    /// </summary>
    public IReadOnlyList<string>? DecodedReadings { get; }

    /// <param name="pathAndQuery">Of a checked request target; begins with <c>/</c>.</param>
    /// <returns>False when the percent-encoding is malformed or hides a control byte.</returns>
    public static bool TryParse(string pathAndQuery, out RequestPath path)
    {
        var question = pathAndQuery.IndexOf('?');
        var raw = question < 0 ? pathAndQuery : pathAndQuery[..question];
        path = new RequestPath("/", "", []);
        if (!TryCanonical(raw, out var canonical))
        {
            return false;
        }

        path = new RequestPath(canonical, question < 0 ? "" : pathAndQuery[question..], Readings(canonical));
        return true;
    }

    /// <summary>Merges slashes and resolves <c>.</c> and <c>..</c>; it never leaves the root.</summary>
    internal static string Normalize(string path)
    {
        if (!path.Contains("//") && !path.Contains("/."))
        {
            return path;
        }

        var kept = new List<string>();
        var segments = path.Split('/');
        foreach (var segment in segments)
        {
            if (segment is "..")
            {
                kept.RemoveRange(Math.Max(0, kept.Count - 1), Math.Min(1, kept.Count));
            }
            else if (segment is not ("" or "."))
            {
                kept.Add(segment);
            }
        }

        var isFolder = segments[^1] is "" or "." or "..";
        return kept.Count == 0 ? "/" : "/" + string.Join('/', kept) + (isFolder ? "/" : "");
    }

    private static bool TryCanonical(string raw, out string canonical)
    {
        canonical = "";
        if (raw.Contains('%'))
        {
            var decoded = new StringBuilder(raw.Length);
            for (var i = 0; i < raw.Length; i++)
            {
                if (raw[i] != '%')
                {
                    decoded.Append(raw[i]);
                    continue;
                }

                if (!TryOctet(raw, i, out var octet) || octet is < ' ' or '\u007f')
                {
                    return false;
                }

                decoded.Append(IsUnreserved(octet) ? octet.ToString() : $"%{(int)octet:X2}");
                i += 2;
            }

            raw = decoded.ToString();
        }

        canonical = Normalize(raw);
        return true;
    }

    private static List<string>? Readings(string canonical)
    {
        var raw = canonical;
        var readings = new List<string>();
        for (var level = 0; level <= DeepestEncoding; level++)
        {
            if (raw.AsSpan().ContainsAnyInRange('\0', '\u001f') || !IsUtf8(raw))
            {
                return null;
            }

            Add(readings, raw.Replace('\\', '/'));
            Add(readings, WithoutParameters(raw.Replace('\\', '/')));
            var decoded = DecodeOnce(raw);
            if (decoded == raw)
            {
                return readings;
            }

            raw = decoded;
        }

        return null;
    }

    private static void Add(List<string> readings, string path)
    {
        var normal = Normalize(path);
        if (!readings.Contains(normal))
        {
            readings.Add(normal);
        }
    }

    /// <summary>Each character stands for one byte (Latin-1); what is no encoding stays.</summary>
    private static string DecodeOnce(string text)
    {
        if (!text.Contains('%'))
        {
            return text;
        }

        var decoded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var isOctet = TryOctet(text, i, out var octet);
            decoded.Append(isOctet ? octet : text[i]);
            i += isOctet ? 2 : 0;
        }

        return decoded.ToString();
    }

    private static string WithoutParameters(string path) => path.Contains(';')
        ? string.Join('/', path.Split('/').Select(segment => segment.Split(';', 2)[0]))
        : path;

    private static bool TryOctet(string text, int at, out char octet)
    {
        octet = '\0';
        if (text[at] != '%' || at + 2 >= text.Length
            || !byte.TryParse(text.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        octet = (char)value;
        return true;
    }

    private static bool IsUtf8(string latin1) => Ascii.IsValid(latin1) || Utf8.IsValid(Encoding.Latin1.GetBytes(latin1));

    /// <summary>RFC 3986 §2.3.</summary>
    private static bool IsUnreserved(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~';
}
