using System.Buffers;
using System.Globalization;
using System.Text;

namespace Belljar.Protocols.Http2;

/// <summary>
/// Writes field sections without a table of its own and without compressing strings: whoever writes on a connection needs to
/// know of nobody else, and what one exchange holds can never be guessed from the length of another's.
/// </summary>
public static class HpackEncoder
{
    private const byte NeverIndexed = 0x10;

    public static void Status(IBufferWriter<byte> output, int status)
    {
        var number = status switch
        {
            200 => 8,
            204 => 9,
            206 => 10,
            304 => 11,
            400 => 12,
            404 => 13,
            500 => 14,
            _ => 0,
        };
        if (number > 0)
        {
            Integer(output, 0x80, 7, number);
            return;
        }

        Field(output, ":status"u8, Encoding.ASCII.GetBytes(status.ToString(CultureInfo.InvariantCulture)));
    }

    /// <param name="name">Written in lower case (RFC 9113 §8.2.1).</param>
    /// <param name="isSecret">Whoever passes it on must not put it into a table (RFC 7541 §7.1.3).</param>
    public static void Field(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool isSecret = false)
    {
        var lower = name.Length <= 128 ? stackalloc byte[name.Length] : new byte[name.Length];
        Ascii.ToLower(name, lower, out _);
        var number = HpackTable.NumberOf(lower);
        Integer(output, isSecret ? NeverIndexed : (byte)0, 4, number);
        if (number == 0)
        {
            String(output, lower);
        }

        String(output, value);
    }

    private static void String(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        Integer(output, 0, 7, text.Length);
        output.Write(text);
    }

    private static void Integer(IBufferWriter<byte> output, byte pattern, int prefix, int value)
    {
        var span = output.GetSpan(6);
        var most = (1 << prefix) - 1;
        if (value < most)
        {
            span[0] = (byte)(pattern | value);
            output.Advance(1);
            return;
        }

        span[0] = (byte)(pattern | most);
        value -= most;
        var length = 1;
        for (; value >= 0x80; value >>= 7)
        {
            span[length++] = (byte)(value | 0x80);
        }

        span[length++] = (byte)value;
        output.Advance(length);
    }
}
