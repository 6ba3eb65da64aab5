using System.Text;
using Belljar.Protocols.Http1;

namespace Belljar.Protocols.Http2;

/// <summary>
/// What holds for every field of every section (RFC 9113 §8.2). A CR or LF that came through here would be a line end of its
/// own in HTTP/1.1.
/// </summary>
internal static class FieldRules
{
    public static Http2Refusal Check(in SectionField field)
    {
        if (!Octets.IsToken(field.Name))
        {
            return Http2Refusal.FieldNameMalformed;
        }

        if (field.Name.ContainsAnyInRange((byte)'A', (byte)'Z'))
        {
            return Http2Refusal.FieldNameNotLowerCase;
        }

        if (!IsValue(field.Value))
        {
            return Http2Refusal.FieldValueMalformed;
        }

        var known = KnownFields.Of(field.Name);
        var isOfConnection = known is KnownField.Connection or KnownField.KeepAlive or KnownField.ProxyConnection or KnownField.TransferEncoding or KnownField.Upgrade
            || (known is KnownField.Te && !Ascii.EqualsIgnoreCase(field.Value, "trailers"u8));
        return isOfConnection ? Http2Refusal.FieldOfConnection : Http2Refusal.None;
    }

    public static bool IsValue(ReadOnlySpan<byte> value)
        => !value.ContainsAny(Octets.Control) && value is not [(byte)' ' or (byte)'\t', ..] and not [.., (byte)' ' or (byte)'\t'];
}
