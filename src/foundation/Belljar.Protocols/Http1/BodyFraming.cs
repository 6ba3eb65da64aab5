using System.Runtime.InteropServices;
using System.Text;

namespace Belljar.Protocols.Http1;

/// <summary>How the end of a body is known (RFC 9112 §6.3).</summary>
public enum BodyKind
{
    None,
    Length,
    Chunked,

    /// <summary>Only a response.</summary>
    UntilClose,
}

/// <param name="Length">Bytes to come, where the kind is <see cref="BodyKind.Length"/>; else 0.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct BodyFraming(BodyKind Kind, long Length = 0)
{
    public static readonly BodyFraming None = new(BodyKind.None);
    public static readonly BodyFraming Chunked = new(BodyKind.Chunked);
    public static readonly BodyFraming UntilClose = new(BodyKind.UntilClose);

    /// <summary>A length of 0 is not the same as none: it must be said (a POST, an empty response).</summary>
    public static BodyFraming Of(long length) => new(BodyKind.Length, length);

    public bool HasBody => Kind is BodyKind.Chunked or BodyKind.UntilClose || Length > 0;

    /// <summary>RFC 9112 §6.1–6.3, without its repairs. Null framing means that the fields say nothing.</summary>
    internal static Http1Refusal Read(FieldList fields, bool isHttp10, bool ignoresCase, out BodyFraming? framing)
    {
        framing = null;
        var lengths = fields.CountOf(KnownField.ContentLength);
        var encodings = fields.CountOf(KnownField.TransferEncoding);
        if (encodings > 0)
        {
            framing = Chunked;
            fields.TryGet(KnownField.TransferEncoding, out var encoding);
            return lengths > 0 ? Http1Refusal.LengthAndTransferEncoding
                : isHttp10 ? Http1Refusal.TransferEncodingInHttp10
                : encodings > 1 ? Http1Refusal.TransferEncodingRepeated
                : IsChunked(encoding.Value, ignoresCase) ? Http1Refusal.None : Http1Refusal.TransferEncodingUnknown;
        }

        if (lengths == 0)
        {
            return Http1Refusal.None;
        }

        fields.TryGet(KnownField.ContentLength, out var field);
        if (lengths > 1 || field.Value.Contains((byte)','))
        {
            return Http1Refusal.LengthRepeated;
        }

        if (!TryLength(field.Value, out var length))
        {
            return Http1Refusal.LengthMalformed;
        }

        framing = Of(length);
        return Http1Refusal.None;
    }

    private static bool IsChunked(ReadOnlySpan<byte> value, bool ignoresCase)
        => ignoresCase ? Ascii.EqualsIgnoreCase(value, "chunked"u8) : value.SequenceEqual("chunked"u8);

    /// <summary>Digits only, no sign, no leading zero, at most 18 of them, so that nothing overflows anywhere.</summary>
    internal static bool TryLength(ReadOnlySpan<byte> text, out long length)
    {
        length = 0;
        if (text.Length is 0 or > 18 || text.ContainsAnyExceptInRange((byte)'0', (byte)'9') || (text.Length > 1 && text[0] == (byte)'0'))
        {
            return false;
        }

        foreach (var digit in text)
        {
            length = (length * 10) + (digit - '0');
        }

        return true;
    }
}
