using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Belljar.Mime.Encodings;

/// <summary>
/// Bytes to text by the name of a charset. Every charset that .NET has is known, with the names that mail uses for them; for
/// others, and for bytes that no one named, UTF-8 is tried and then windows-1252. Never throws. UTF-7 is not decoded: it serves
/// only to smuggle.
/// </summary>
public static class Charsets
{
    private const int LongestName = 64;
    private const int Windows1252 = 1252;
    private const int Utf8 = 65001;
    private const int Utf7 = 65000;
    private static readonly ConcurrentDictionary<int, Encoding?> Known = [];

    /// <summary>Text, with U+FFFD for what cannot be decoded and without a byte order mark.</summary>
    /// <param name="bytes">What to decode.</param>
    /// <param name="charset">As declared; null where nothing was.</param>
    /// <param name="fault">What was wrong; null where nothing was.</param>
    public static string Decode(ReadOnlySpan<byte> bytes, string? charset, out MimeDefectKind? fault)
    {
        fault = null;
        if (charset is null)
        {
            return DecodeUndeclared(bytes);
        }

        var encoding = Find(charset);
        if (encoding is null)
        {
            fault = MimeDefectKind.UnknownCharset;
            return DecodeUndeclared(bytes);
        }

        if (encoding.CodePage == 20127)
        {
            fault = Ascii.IsValid(bytes) ? null : MimeDefectKind.InvalidCharsetBytes;
            return DecodeUndeclared(bytes);
        }

        encoding = encoding.CodePage == 1200 ? ByMark(bytes, charset, encoding) : encoding;
        var text = DecodeWith(encoding, bytes);
        var isClean = encoding.CodePage == Utf8 ? System.Text.Unicode.Utf8.IsValid(bytes) : !text.Contains('\uFFFD');
        fault = isClean ? null : MimeDefectKind.InvalidCharsetBytes;
        return text;
    }

    /// <summary>Whether the name is one that is decoded by its own rules.</summary>
    public static bool IsKnown(string charset) => Find(charset) is not null;

    /// <summary>UTF-8 where it is, windows-1252 where it is not.</summary>
    internal static string DecodeUndeclared(ReadOnlySpan<byte> bytes) =>
        System.Text.Unicode.Utf8.IsValid(bytes) ? DecodeWith(Encoding.UTF8, bytes) : DecodeWith(ByCodePage(Windows1252)!, bytes);

    private static string DecodeWith(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        try
        {
            var text = encoding.GetString(bytes);
            return text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (Exception broken) when (broken is ArgumentException or IndexOutOfRangeException or InvalidOperationException)
        {
            // The stateful decoders for old East Asian charsets are not ours to trust with hostile bytes.
            return Encoding.Latin1.GetString(bytes);
        }
    }

    /// <summary>RFC 2781, 4.3: plain "utf-16" follows its byte order mark, and is big-endian without one.</summary>
    private static Encoding ByMark(ReadOnlySpan<byte> bytes, string charset, Encoding littleEndian) =>
        bytes is [0xFF, 0xFE, ..] || charset.EndsWith("le", StringComparison.OrdinalIgnoreCase) ? littleEndian : ByCodePage(1201)!;

    private static Encoding? Find(string charset)
    {
        var name = charset.Trim(' ', '\t', '"', '\'', '<', '>').ToLowerInvariant();
        if (name.Length is 0 or > LongestName)
        {
            return null;
        }

        if (CharsetNames.CodePages.TryGetValue(name, out var codePage))
        {
            return ByCodePage(codePage);
        }

        var digits = name.AsSpan(name.AsSpan().LastIndexOfAnyExceptInRange('0', '9') + 1);
        if (name.AsSpan(0, name.Length - digits.Length).TrimEnd("-_") is "cp" or "windows" or "ibm" or "x-cp" or "win" or "ms" or "x-windows" or "dos"
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out codePage)
            && ByCodePage(codePage) is { } numbered)
        {
            return numbered;
        }

        return ByName(name) ?? (name.StartsWith("iso8859", StringComparison.Ordinal) ? ByName("iso-" + name[3..]) : null);
    }

    private static Encoding? ByName(string name) =>
        CodePagesEncodingProvider.Instance.GetEncoding(name) is { } encoding ? ByCodePage(encoding.CodePage) : null;

    private static Encoding? ByCodePage(int codePage) => codePage switch
    {
        Utf8 => Encoding.UTF8,
        <= 0 or Utf7 or > 65535 => null,
        _ => Known.GetOrAdd(codePage, static page => Make(page)),
    };

    private static Encoding? Make(int codePage)
    {
        var (unencodable, undecodable) = (EncoderFallback.ReplacementFallback, new DecoderReplacementFallback("\uFFFD"));
        return codePage is 1200 or 1201 or 12000 or 12001 or 20127
            ? Encoding.GetEncoding(codePage, unencodable, undecodable)
            : CodePagesEncodingProvider.Instance.GetEncoding(codePage, unencodable, undecodable);
    }
}
