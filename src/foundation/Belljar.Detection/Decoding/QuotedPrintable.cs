using System.Buffers;

namespace Belljar.Detection.Decoding;

/// <summary>
/// RFC 2045 §6.7. Apart from the other escapes, because <c>KEY=41…</c> would otherwise lose its first letters: it counts only
/// where a soft line break or an encoded <c>=</c> shows that text is quoted-printable.
/// </summary>
internal static class QuotedPrintable
{
    public static readonly SearchValues<byte> Starts = SearchValues.Create((byte)'=');

    public static bool TryDecode(ReadOnlySpan<byte> text, int at, Span<byte> output, out Escape escape)
    {
        escape = default;
        var rest = text[at..];
        switch (rest)
        {
            case [_, (byte)'\n', ..]:
                escape = new Escape { Length = 2, IsTrigger = true, Kind = "quoted-printable" };
                return true;
            case [_, (byte)'\r', (byte)'\n', ..]:
                escape = new Escape { Length = 3, IsTrigger = true, Kind = "quoted-printable" };
                return true;
            case [_, var high, var low, ..] when Digit(high) >= 0 && Digit(low) >= 0:
                output[0] = (byte)((Digit(high) << 4) | Digit(low));
                escape = new Escape { Length = 3, Decoded = 1, IsTrigger = output[0] == '=', Kind = "quoted-printable" };
                return true;
            default:
                return false;
        }
    }

    /// <summary>Upper case alone, as the RFC has it.</summary>
    private static int Digit(byte value) => value switch
    {
        >= (byte)'0' and <= (byte)'9' => value - '0',
        >= (byte)'A' and <= (byte)'F' => value - 'A' + 10,
        _ => -1,
    };
}
