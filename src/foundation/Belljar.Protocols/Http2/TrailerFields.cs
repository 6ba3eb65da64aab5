using System.Buffers;
using Belljar.Protocols.Http1;

namespace Belljar.Protocols.Http2;

/// <summary>Trailers (RFC 9113 §8.1), checked, and written as those of a chunked body, behind its last chunk's size.</summary>
public static class TrailerFields
{
    public static Http2Refusal Read(FieldSection section, IBufferWriter<byte> output)
    {
        if (section.IsTooLarge)
        {
            return Http2Refusal.FieldsTooLarge;
        }

        for (var i = 0; i < section.Count; i++)
        {
            var field = section[i];
            var refusal = field.IsPseudo ? Http2Refusal.PseudoHeaderInTrailers : FieldRules.Check(field);
            if (refusal is not Http2Refusal.None)
            {
                return refusal;
            }

            HeadWriter.Field(output, field.Name, field.Value);
        }

        HeadWriter.End(output);
        return Http2Refusal.None;
    }
}
