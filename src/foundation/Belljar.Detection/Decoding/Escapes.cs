using System.Buffers;
using System.Text;

namespace Belljar.Detection.Decoding;

/// <summary>One escape that was recognised.</summary>
internal ref struct Escape
{
    /// <summary>How many bytes it took.</summary>
    public int Length;

    /// <summary>How many bytes of the output it became; 0: an invisible character.</summary>
    public int Decoded;

    /// <summary>Whether it is reason enough to undo the escapes around.</summary>
    public bool IsTrigger;

    public string Kind;
}

/// <summary>
/// Escapes that stand here and there in text: <c>%41</c>, <c>\u0041</c>, <c>\x41</c>, <c>\/</c>, <c>&amp;#65;</c>,
/// <c>&amp;amp;</c>, and characters that have no width. All are undone in one pass; those inside one another by another pass.
/// </summary>
internal static class Escapes
{
    public static readonly SearchValues<byte> Starts = SearchValues.Create([(byte)'%', (byte)'\\', (byte)'&', 0xc2, 0xe2, 0xef]);

    private static readonly (byte[] Name, byte Value, bool IsTrigger)[] Entities =
    [
        ("amp;"u8.ToArray(), (byte)'&', true),
        ("lt;"u8.ToArray(), (byte)'<', false),
        ("gt;"u8.ToArray(), (byte)'>', false),
        ("quot;"u8.ToArray(), (byte)'"', true),
        ("apos;"u8.ToArray(), (byte)'\'', true),
        ("nbsp;"u8.ToArray(), (byte)' ', false),
        ("colon;"u8.ToArray(), (byte)':', true),
        ("equals;"u8.ToArray(), (byte)'=', true),
        ("sol;"u8.ToArray(), (byte)'/', true),
        ("plus;"u8.ToArray(), (byte)'+', true),
        ("lowbar;"u8.ToArray(), (byte)'_', true),
        ("period;"u8.ToArray(), (byte)'.', true),
        ("commat;"u8.ToArray(), (byte)'@', true),
    ];

    /// <param name="output">At least four bytes.</param>
    public static bool TryDecode(ReadOnlySpan<byte> text, int at, Span<byte> output, out Escape escape)
    {
        var rest = text[at..];
        switch (rest[0])
        {
            case (byte)'%':
                return TryPercent(rest, output, out escape);
            case (byte)'\\':
                return TryBackslash(text, at, output, out escape);
            case (byte)'&':
                return TryEntity(rest, output, out escape);
            default:
                escape = new Escape { Length = Invisible(rest), IsTrigger = true, Kind = "zero-width" };
                return escape.Length > 0;
        }
    }

    private static int Invisible(ReadOnlySpan<byte> rest) => rest switch
    {
        [0xc2, 0xad, ..] => 2, // Soft hyphen.
        [0xe2, 0x80, >= 0x8b and <= 0x8f, ..] => 3, // Zero-width space, joiners, direction marks.
        [0xe2, 0x81, >= 0xa0 and <= 0xa4, ..] => 3, // Word joiner, invisible operators.
        [0xef, 0xbb, 0xbf, ..] => 3, // Byte order mark.
        _ => 0,
    };

    private static bool TryPercent(ReadOnlySpan<byte> rest, Span<byte> output, out Escape escape)
    {
        escape = default;
        if (rest.Length < 3 || !TryHex(rest.Slice(1, 2), out var value))
        {
            return false;
        }

        output[0] = (byte)value;
        escape = new Escape { Length = 3, Decoded = 1, IsTrigger = IsText(value), Kind = "percent" };
        return true;
    }

    private static bool TryBackslash(ReadOnlySpan<byte> text, int at, Span<byte> output, out Escape escape)
    {
        escape = default;
        var rest = text[at..];
        if (rest.Length < 2)
        {
            return false;
        }

        switch (rest[1])
        {
            case (byte)'x' when rest.Length >= 4 && TryHex(rest.Slice(2, 2), out var value):
                output[0] = (byte)value;
                escape = new Escape { Length = 4, Decoded = 1, IsTrigger = IsText(value), Kind = "escapes" };
                return true;
            case (byte)'u' when rest.Length >= 6 && TryHex(rest.Slice(2, 4), out var value):
                return Character(value, 6, "escapes", output, out escape);
            case (byte)'u' when rest.Length >= 5 && rest[2] == '{':
                return TryBraced(rest, output, out escape);
            case (byte)'U' when rest.Length >= 10 && TryHex(rest.Slice(2, 8), out var value):
                return Character(value, 10, "escapes", output, out escape);
            case (byte)'/':
                output[0] = (byte)'/';
                escape = new Escape { Length = 2, Decoded = 1, IsTrigger = true, Kind = "escapes" };
                return true;
            case (byte)'"' or (byte)'\\' or (byte)'\'':
                output[0] = rest[1];
                escape = new Escape { Length = 2, Decoded = 1, IsTrigger = rest[1] == '"', Kind = "escapes" };
                return true;
            case (byte)'n' or (byte)'r' or (byte)'t':
                output[0] = rest[1] switch { (byte)'n' => (byte)'\n', (byte)'r' => (byte)'\r', _ => (byte)'\t' };
                escape = new Escape { Length = 2, Decoded = 1, IsTrigger = rest[1] == 'n' && EndsInKeyLine(text[..at]), Kind = "escapes" };
                return true;
            default:
                return false;
        }
    }

    /// <summary>A line of a key, as JSON and shells write it on one line: <c>…AAAA\n…</c>.</summary>
    private static bool EndsInKeyLine(ReadOnlySpan<byte> before)
    {
        const int Enough = 20;
        return before.Length >= Enough && !before[^Enough..].ContainsAnyExcept(Runs.Base64OrDash);
    }

    private static bool TryBraced(ReadOnlySpan<byte> rest, Span<byte> output, out Escape escape)
    {
        escape = default;
        var end = rest[..Math.Min(rest.Length, 12)].IndexOf((byte)'}');
        return end > 3 && TryHex(rest[3..end], out var value) && Character(value, end + 1, "escapes", output, out escape);
    }

    private static bool TryEntity(ReadOnlySpan<byte> rest, Span<byte> output, out Escape escape)
    {
        escape = default;
        if (rest.Length < 4)
        {
            return false;
        }

        if (rest[1] == '#')
        {
            return TryNumericEntity(rest, output, out escape);
        }

        foreach (var (name, value, isTrigger) in Entities)
        {
            if (rest[1..].StartsWith(name))
            {
                output[0] = value;
                escape = new Escape { Length = name.Length + 1, Decoded = 1, IsTrigger = isTrigger, Kind = "entities" };
                return true;
            }
        }

        return false;
    }

    private static bool TryNumericEntity(ReadOnlySpan<byte> rest, Span<byte> output, out Escape escape)
    {
        escape = default;
        var isHex = rest[2] is (byte)'x' or (byte)'X';
        var from = isHex ? 3 : 2;
        var end = rest[..Math.Min(rest.Length, 12)].IndexOf((byte)';');
        if (end <= from)
        {
            return false;
        }

        int value;
        if (isHex ? !TryHex(rest[from..end], out value) : !System.Buffers.Text.Utf8Parser.TryParse(rest[from..end], out value, out var used) || used != end - from)
        {
            return false;
        }

        return Character(value, end + 1, "entities", output, out escape);
    }

    private static bool Character(int value, int length, string kind, Span<byte> output, out Escape escape)
    {
        escape = default;
        if (!Rune.IsValid(value))
        {
            return false;
        }

        var isInvisible = value is 0xad or (>= 0x200b and <= 0x200f) or (>= 0x2060 and <= 0x2064) or 0xfeff;
        escape = new Escape
        {
            Length = length,
            Decoded = isInvisible ? 0 : new Rune(value).EncodeToUtf8(output),
            IsTrigger = isInvisible || IsText(value),
            Kind = kind,
        };
        return true;
    }

    private static bool IsText(int value) => value is > 0x20 and < 0x7f or '\n';

    private static bool TryHex(ReadOnlySpan<byte> digits, out int value)
    {
        value = 0;
        if (digits.Length is 0 or > 8)
        {
            return false;
        }

        foreach (var digit in digits)
        {
            var nibble = digit switch
            {
                >= (byte)'0' and <= (byte)'9' => digit - '0',
                >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
                >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
                _ => -1,
            };
            if (nibble < 0)
            {
                return false;
            }

            value = (value << 4) | nibble;
        }

        return true;
    }
}
