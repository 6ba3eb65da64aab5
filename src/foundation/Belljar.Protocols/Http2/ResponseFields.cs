using System.Buffers;
using Belljar.Protocols.Http1;

namespace Belljar.Protocols.Http2;

/// <summary>The field section of a response (RFC 9113 §8.3.2), checked, and said in the words of HTTP/1.1.</summary>
public static class ResponseFields
{
    /// <param name="method">Of the request: the answer to HEAD says a length and has none.</param>
    /// <param name="isWhole">No body and no trailers follow.</param>
    /// <param name="status">100–599, but never 101: there is nothing to switch to.</param>
    /// <param name="framing">How the body must be written behind the head.</param>
    public static Http2Refusal Read(FieldSection section, string method, bool isWhole, IBufferWriter<byte> head, out int status, out BodyFraming framing)
    {
        (status, framing) = (0, BodyFraming.None);
        if (section.IsTooLarge)
        {
            return Http2Refusal.FieldsTooLarge;
        }

        if (section.Count == 0 || !section[0].Name.SequenceEqual(":status"u8))
        {
            return Http2Refusal.PseudoHeaderMissing;
        }

        var code = section[0].Value;
        if (code is not [>= (byte)'1' and <= (byte)'5', >= (byte)'0' and <= (byte)'9', >= (byte)'0' and <= (byte)'9'] || code.SequenceEqual("101"u8))
        {
            return Http2Refusal.StatusMalformed;
        }

        status = ((code[0] - '0') * 100) + ((code[1] - '0') * 10) + (code[2] - '0');
        HeadWriter.StatusLine(head, status, ""u8);
        var refusal = Fields(section, head, out var length);
        var isInterim = status < 200;
        if (refusal is not Http2Refusal.None || isInterim)
        {
            HeadWriter.End(head);
            return refusal is Http2Refusal.None && isInterim && isWhole ? Http2Refusal.FrameUnexpected : refusal;
        }

        var hasNone = method == "HEAD" || status is 204 or 304;
        framing = hasNone ? BodyFraming.None : isWhole ? BodyFraming.Of(0) : length is { } known ? BodyFraming.Of(known) : BodyFraming.Chunked;
        HeadWriter.Framing(head, hasNone && length is { } said ? BodyFraming.Of(said) : framing);
        HeadWriter.End(head);
        return isWhole && !hasNone && length > 0 ? Http2Refusal.LengthWrong : Http2Refusal.None;
    }

    private static Http2Refusal Fields(FieldSection section, IBufferWriter<byte> head, out long? length)
    {
        length = null;
        for (var i = 1; i < section.Count; i++)
        {
            var field = section[i];
            if (field.IsPseudo)
            {
                return Http2Refusal.PseudoHeaderUnknown;
            }

            var refusal = FieldRules.Check(field);
            if (refusal is not Http2Refusal.None)
            {
                return refusal;
            }

            if (KnownFields.Of(field.Name) is not KnownField.ContentLength)
            {
                HeadWriter.Field(head, field.Name, field.Value);
                continue;
            }

            if (length is not null || !BodyFraming.TryLength(field.Value, out var found))
            {
                return Http2Refusal.LengthMalformed;
            }

            length = found;
        }

        return Http2Refusal.None;
    }
}
