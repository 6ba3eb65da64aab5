using System.Buffers;
using System.Text;

namespace Belljar.Mime.Encodings;

/// <summary>RFC 2045, 6.</summary>
public enum TransferEncoding
{
    SevenBit,
    EightBit,
    Binary,
    QuotedPrintable,
    Base64,
    Uuencode,

    /// <summary>Something else: the bytes are given as they are.</summary>
    Unknown,
}

/// <summary>Undoes a part's transfer encoding.</summary>
internal static class TransferEncodings
{
    private static readonly SearchValues<byte> ValueEnds = SearchValues.Create(" \t\r\n;(\""u8);
    private static readonly (string Name, TransferEncoding Encoding)[] Names =
    [
        ("7bit", TransferEncoding.SevenBit), ("8bit", TransferEncoding.EightBit), ("binary", TransferEncoding.Binary),
        ("quoted-printable", TransferEncoding.QuotedPrintable), ("base64", TransferEncoding.Base64),
        ("x-uuencode", TransferEncoding.Uuencode), ("uuencode", TransferEncoding.Uuencode), ("x-uue", TransferEncoding.Uuencode), ("x-uu", TransferEncoding.Uuencode),

        // Written so by senders that mean it.
        ("7-bit", TransferEncoding.SevenBit), ("8-bit", TransferEncoding.EightBit), ("quoted/printable", TransferEncoding.QuotedPrintable),
    ];

    public static TransferEncoding Read(ReadOnlySpan<byte> value)
    {
        value = value.Trim(" \t\r\n\""u8);
        var length = value.IndexOfAny(ValueEnds);
        value = length < 0 ? value : value[..length];
        foreach (var (name, encoding) in Names)
        {
            if (Ascii.EqualsIgnoreCase(value, name))
            {
                return encoding;
            }
        }

        return value.IsEmpty ? TransferEncoding.SevenBit : TransferEncoding.Unknown;
    }

    public static ReadOnlyMemory<byte> Decode(MimePart part)
    {
        var raw = part.RawBody;
        var fault = default(MimeDefectKind?);
        var content = part.TransferEncoding switch
        {
            TransferEncoding.Base64 => Decoded(raw.Span, Base64Text.Decode, raw.Length, MimeDefectKind.InvalidBase64, ref fault),
            TransferEncoding.QuotedPrintable => Decoded(raw.Span, QuotedPrintable.Decode, raw.Length, MimeDefectKind.InvalidQuotedPrintable, ref fault),
            TransferEncoding.Uuencode => Uuencode.Decode(raw.Span, ref fault),
            TransferEncoding.Unknown => Unknown(raw, ref fault),
            _ => raw,
        };
        if (fault is { } kind)
        {
            part.Report(kind);
        }

        return content;
    }

    private static ReadOnlyMemory<byte> Decoded(ReadOnlySpan<byte> raw, Decoder decode, int most, MimeDefectKind kind, ref MimeDefectKind? fault)
    {
        var output = GC.AllocateUninitializedArray<byte>(most);
        var written = decode(raw, output, out var isClean);
        fault = isClean ? null : kind;
        return output.AsMemory(0, written);
    }

    private static ReadOnlyMemory<byte> Unknown(ReadOnlyMemory<byte> raw, ref MimeDefectKind? fault)
    {
        fault = MimeDefectKind.UnknownTransferEncoding;
        return raw;
    }

    /// <summary>Writes at most as many bytes as it reads; gives their number.</summary>
    private delegate int Decoder(ReadOnlySpan<byte> encoded, Span<byte> output, out bool isClean);
}
