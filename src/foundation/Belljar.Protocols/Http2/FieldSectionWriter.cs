using System.Buffers;
using System.Text;
using Belljar.Protocols.Http1;

namespace Belljar.Protocols.Http2;

/// <summary>Writes the field sections of messages that were read in the words of HTTP/1.1, without what those say about the connection.</summary>
public static class FieldSectionWriter
{
    /// <param name="head">With a target in origin form.</param>
    public static void Request(IBufferWriter<byte> output, RequestHead head)
    {
        HpackEncoder.Field(output, ":method"u8, Encoding.ASCII.GetBytes(head.Method));
        HpackEncoder.Field(output, ":scheme"u8, "https"u8);
        HpackEncoder.Field(output, ":authority"u8, Encoding.ASCII.GetBytes(head.Host!.Value.ToString()));
        HpackEncoder.Field(output, ":path"u8, Encoding.ASCII.GetBytes(head.Target.PathAndQuery));
        foreach (var field in head.Fields)
        {
            if (field.Known is not (KnownField.Host or KnownField.Expect) && !head.Connection.Drops(field))
            {
                // Whatever it is called: the host's table is no place for what the gate has added.
                HpackEncoder.Field(output, field.Name, field.Value, isSecret: true);
            }
        }

        // Those who answer with trailers ask to be told that they may (gRPC over HTTP/2).
        HpackEncoder.Field(output, "te"u8, "trailers"u8);
    }

    public static void Response(IBufferWriter<byte> output, ResponseHead head)
    {
        HpackEncoder.Status(output, head.Status);
        foreach (var field in head.Fields)
        {
            if (!head.Connection.Drops(field))
            {
                HpackEncoder.Field(output, field.Name, field.Value);
            }
        }
    }

    public static void Trailers(IBufferWriter<byte> output, FieldList trailers)
    {
        foreach (var field in trailers)
        {
            HpackEncoder.Field(output, field.Name, field.Value);
        }
    }
}
