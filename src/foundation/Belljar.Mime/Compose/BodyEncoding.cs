using System.Buffers;
using System.Text;

namespace Belljar.Mime.Compose;

/// <summary>A transfer encoding and how to write it (RFC 2045, 6).</summary>
internal sealed record BodyEncoding(string Name, Action<ReadOnlySpan<byte>, IBufferWriter<byte>> Write)
{
    /// <summary>RFC 5322, 2.1.1, without the line end.</summary>
    private const int LongestLine = 998;
    private const int EncodedLine = 76;

    public static BodyEncoding Base64 { get; } = new("base64", WriteBase64);

    private static BodyEncoding SevenBit { get; } = new("7bit", WriteBytes);

    private static BodyEncoding EightBit { get; } = new("8bit", WriteBytes);

    private static BodyEncoding QuotedPrintable { get; } = new("quoted-printable", WriteQuotedPrintable);

    /// <summary>For text: as it is where every server can carry that, quoted-printable where most of it stays readable, else base64.</summary>
    public static BodyEncoding For(ReadOnlySpan<byte> text)
    {
        if (Ascii.IsValid(text) && !HasLongLine(text) && !text.ContainsAny(Unsafe))
        {
            return SevenBit;
        }

        var plain = 0;
        foreach (var octet in text)
        {
            plain += octet < 0x80 ? 1 : 0;
        }

        return plain >= text.Length / 3 * 2 ? QuotedPrintable : Base64;
    }

    public static BodyEncoding AsItIs(ReadOnlySpan<byte> bytes) => Ascii.IsValid(bytes) ? SevenBit : EightBit;

    private static readonly SearchValues<byte> Unsafe = SearchValues.Create("\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000b\u000c\u000e\u000f\u001a\u001b\u007f"u8);

    private static bool HasLongLine(ReadOnlySpan<byte> text)
    {
        while (text.Length > LongestLine)
        {
            var newline = text.IndexOf((byte)'\n');
            if (newline < 0 || newline > LongestLine)
            {
                return true;
            }

            text = text[(newline + 1)..];
        }

        return false;
    }

    private static void WriteBytes(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output) => output.Write(bytes);

    private static void WriteBase64(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        const int octets = EncodedLine / 4 * 3;
        while (!bytes.IsEmpty)
        {
            var line = bytes[..Math.Min(octets, bytes.Length)];
            var span = output.GetSpan(EncodedLine + 2);
            System.Buffers.Text.Base64.EncodeToUtf8(line, span, out _, out var written);
            span[written++] = (byte)'\r';
            span[written++] = (byte)'\n';
            output.Advance(written);
            bytes = bytes[line.Length..];
        }
    }

    private static void WriteQuotedPrintable(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        var column = 0;
        Span<byte> encoded = stackalloc byte[3];
        for (var at = 0; at < bytes.Length; at++)
        {
            if (bytes[at..].StartsWith("\r\n"u8))
            {
                output.Write("\r\n"u8);
                column = 0;
                at++;
                continue;
            }

            var length = Encode(bytes, at, column, encoded);
            if (column + length >= EncodedLine)
            {
                output.Write("=\r\n"u8);
                column = 0;
                length = Encode(bytes, at, column, encoded);
            }

            output.Write(encoded[..length]);
            column += length;
        }
    }

    private static int Encode(ReadOnlySpan<byte> bytes, int at, int column, Span<byte> encoded)
    {
        var octet = bytes[at];
        var endsLine = at + 1 == bytes.Length || bytes[(at + 1)..].StartsWith("\r\n"u8);

        // White space at a line's end would be lost, a From at its start changed, a lone dot taken for the end, all by careless programs.
        var isPlain = octet is (byte)' ' or (byte)'\t' ? !endsLine
            : octet is > 0x20 and < 0x7F and not (byte)'=' && !(column == 0 && (octet == '.' || bytes[at..].StartsWith("From "u8)));
        if (isPlain)
        {
            encoded[0] = octet;
            return 1;
        }

        encoded[0] = (byte)'=';
        encoded[1] = (byte)"0123456789ABCDEF"[octet >> 4];
        encoded[2] = (byte)"0123456789ABCDEF"[octet & 15];
        return 3;
    }
}
