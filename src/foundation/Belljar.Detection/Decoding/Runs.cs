using System.Buffers;

namespace Belljar.Detection.Decoding;

/// <summary>Unbroken runs of an encoding's alphabet.</summary>
internal static class Runs
{
    public static readonly SearchValues<byte> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"u8);

    public static readonly SearchValues<byte> Base64OrDash = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="u8);

    public static readonly SearchValues<byte> Hex = SearchValues.Create("0123456789ABCDEFabcdef"u8);

    public static readonly SearchValues<byte> Letters = SearchValues.Create([9, 10, 13, .. Enumerable.Range(32, 95).Select(value => (byte)value)]);

    /// <summary>Text, its zeros where it is UTF-16, and the bytes of invisible characters.</summary>
    public static readonly SearchValues<byte> Readable = SearchValues.Create(
        [0, 9, 10, 13, .. Enumerable.Range(32, 95).Concat(Enumerable.Range(0x80, 16)).Concat(Enumerable.Range(0xa0, 5)).Select(value => (byte)value), 0xc2, 0xad, 0xe2, 0xef, 0xbb, 0xbf]);

    private static readonly SearchValues<byte> Breaks = SearchValues.Create("\r\n \t"u8);

    private static readonly bool[] IsBase64 = Table(Base64);

    private static readonly bool[] IsHex = Table(Hex);

    private static readonly bool[] IsBase32Upper = Table(SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"u8));

    private static readonly bool[] IsBase32Lower = Table(SearchValues.Create("abcdefghijklmnopqrstuvwxyz234567"u8));

    /// <summary>Hexadecimal digits and what stands between them in dumps and lists.</summary>
    private static readonly bool[] IsHexOrSeparator = Table(SearchValues.Create("0123456789ABCDEFabcdef:, -xX\r\n\t"u8));

    /// <summary>The six bits of each character of base64, in either alphabet.</summary>
    public static readonly byte[] Sextets = MakeSextets();

    /// <summary>The next run that begins in <c>[from, to)</c>, of at least so many bytes.</summary>
    public static bool TryNextBase64(ReadOnlySpan<byte> text, int from, int to, int shortest, out int start, out int end) =>
        TryNext(text, from, to, shortest, IsBase64, out start, out end);

    public static bool TryNextHex(ReadOnlySpan<byte> text, int from, int to, int shortest, out int start, out int end) =>
        TryNext(text, from, to, shortest, IsHex, out start, out end);

    /// <summary>In one case: in both it is no base 32.</summary>
    public static bool TryNextBase32Upper(ReadOnlySpan<byte> text, int from, int to, int shortest, out int start, out int end) =>
        TryNext(text, from, to, shortest, IsBase32Upper, out start, out end);

    public static bool TryNextBase32Lower(ReadOnlySpan<byte> text, int from, int to, int shortest, out int start, out int end) =>
        TryNext(text, from, to, shortest, IsBase32Lower, out start, out end);

    public static bool TryNextHexList(ReadOnlySpan<byte> text, int from, int to, int shortest, out int start, out int end) =>
        TryNext(text, from, to, shortest, IsHexOrSeparator, out start, out end);

    public static bool IsBase64Byte(byte value) => IsBase64[value];

    /// <summary>
    /// Lines of an encoded body belong together: from the end of one run to that of the last line that follows.
    /// </summary>
    public static int EndOfLines(ReadOnlySpan<byte> text, int start, int end, int limit)
    {
        const int ShortestLine = 32;
        var lineStart = start;
        while (end - lineStart >= ShortestLine && end < limit && text[end] is (byte)'\r' or (byte)'\n')
        {
            var breaks = text[end..Math.Min(limit, end + 8)].IndexOfAnyExcept(Breaks);
            if (breaks < 0 || !IsBase64[text[end + breaks]])
            {
                break;
            }

            lineStart = end + breaks;
            var length = text[lineStart..limit].IndexOfAnyExcept(Base64);
            end = length < 0 ? limit : lineStart + length;
        }

        return end;
    }

    /// <summary>Looks at every so-manieth byte, as a run of that length cannot be between two of them.</summary>
    private static bool TryNext(ReadOnlySpan<byte> text, int from, int to, int shortest, bool[] table, out int start, out int end)
    {
        start = from;
        while (start < to && start + shortest <= text.Length)
        {
            var probe = start + shortest - 1;
            while (probe >= start && table[text[probe]])
            {
                probe--;
            }

            if (probe >= start)
            {
                start = probe + 1;
                continue;
            }

            end = start + shortest;
            while (end < text.Length && table[text[end]])
            {
                end++;
            }

            return true;
        }

        end = start;
        return false;
    }

    private static byte[] MakeSextets()
    {
        var sextets = new byte[256];
        for (var i = 0; i < 64; i++)
        {
            sextets["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[i]] = (byte)i;
        }

        (sextets['-'], sextets['_']) = (62, 63);
        return sextets;
    }

    private static bool[] Table(SearchValues<byte> values)
    {
        var table = new bool[256];
        for (var value = 0; value < 256; value++)
        {
            table[value] = values.Contains((byte)value);
        }

        return table;
    }
}
