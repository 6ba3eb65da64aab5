using System.Runtime.InteropServices;

namespace Belljar.Detection.Patterns;

/// <summary>A set of byte values.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ByteSet(ulong A, ulong B, ulong C, ulong D)
{
    public static readonly ByteSet Empty;

    public static readonly ByteSet All = new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    public static readonly ByteSet Digit = Range('0', '9');

    public static readonly ByteSet Word = Range('0', '9') | Range('A', 'Z') | Range('a', 'z') | Of('_');

    /// <summary>RE2's <c>\s</c>, which has no vertical tab.</summary>
    public static readonly ByteSet Space = Of('\t') | Of('\n') | Of('\f') | Of('\r') | Of(' ');

    public static readonly ByteSet Newline = Of('\n');

    public static readonly ByteSet NotAscii = Range(0x80, 0xff);

    public bool IsEmpty => (A | B | C | D) == 0;

    public int Count =>
        System.Numerics.BitOperations.PopCount(A) + System.Numerics.BitOperations.PopCount(B)
        + System.Numerics.BitOperations.PopCount(C) + System.Numerics.BitOperations.PopCount(D);

    public static ByteSet operator |(ByteSet left, ByteSet right) => new(left.A | right.A, left.B | right.B, left.C | right.C, left.D | right.D);

    public static ByteSet operator &(ByteSet left, ByteSet right) => new(left.A & right.A, left.B & right.B, left.C & right.C, left.D & right.D);

    public static ByteSet operator ~(ByteSet set) => new(~set.A, ~set.B, ~set.C, ~set.D);

    public static ByteSet Of(int value) => (value >> 6) switch
    {
        0 => new(1UL << value, 0, 0, 0),
        1 => new(0, 1UL << (value & 63), 0, 0),
        2 => new(0, 0, 1UL << (value & 63), 0),
        _ => new(0, 0, 0, 1UL << (value & 63)),
    };

    public static ByteSet Range(int low, int high)
    {
        var set = Empty;
        for (var value = low; value <= high; value++)
        {
            set |= Of(value);
        }

        return set;
    }

    public bool Contains(int value) => (((value >> 6) switch { 0 => A, 1 => B, 2 => C, _ => D }) >> (value & 63) & 1) != 0;

    /// <summary>With both cases of every ASCII letter in it.</summary>
    public ByteSet Folded()
    {
        // Letters are in the second word, upper case at bits 1–26, lower case 32 above.
        const ulong Upper = 0x07FF_FFFEUL;
        var letters = (B | (B >> 32)) & Upper;
        return this with { B = B | letters | (letters << 32) };
    }

    public IEnumerable<byte> Values()
    {
        for (var value = 0; value < 256; value++)
        {
            if (Contains(value))
            {
                yield return (byte)value;
            }
        }
    }
}
