using System.Buffers;
using System.Text;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Gate;

/// <summary>A call of gRPC over HTTP/2: messages with a length before each, and the outcome in the trailers.</summary>
internal static class GrpcCall
{
    private static ReadOnlySpan<byte> ContentType => "application/grpc"u8;

    /// <summary>Not gRPC-Web, which is made for HTTP/1.1 and has its trailers in the body.</summary>
    public static bool Is(RequestHead request)
        => request.Fields.TryGet("content-type"u8, out var type) && type.Value.Length >= ContentType.Length
            && Ascii.EqualsIgnoreCase(type.Value[..ContentType.Length], ContentType)
            && type.Value[ContentType.Length..] is [] or [(byte)'+' or (byte)';', ..];

    /// <summary>
    /// An answer of the gate's own, as clients of gRPC show it: they read the outcome and its message, and no body. The whole
    /// answer is one head.
    /// </summary>
    public static void WriteAnswer(IBufferWriter<byte> output, int status, GateAnswer answer)
    {
        HeadWriter.StatusLine(output, 200, "OK"u8);
        HeadWriter.Field(output, "Content-Type"u8, ContentType);
        HeadWriter.Framing(output, BodyFraming.Of(0));
        WriteOutcome(output, status, answer);
        HeadWriter.End(output);
    }

    /// <summary>The fields that end a call.</summary>
    /// <param name="status">What it would be in HTTP.</param>
    public static void WriteOutcome(IBufferWriter<byte> output, int status, GateAnswer answer)
    {
        HeadWriter.Field(output, "grpc-status"u8, CodeOf(status));
        HeadWriter.Field(output, "grpc-message"u8, Encoded($"{answer.Reason} ({answer.Rule}). {answer.Next}"));
    }

    /// <summary>The codes that gRPC gives to a status of HTTP.</summary>
    private static string CodeOf(int status) => status switch
    {
        403 => "7", // PERMISSION_DENIED
        404 => "12", // UNIMPLEMENTED
        502 or 503 => "14", // UNAVAILABLE
        _ => "13", // INTERNAL
    };

    /// <summary>Percent-Encoded, as the specification says: visible ASCII but the percent sign stays.</summary>
    private static string Encoded(string text)
        => string.Concat(Encoding.UTF8.GetBytes(text).Select(octet => octet is >= 0x20 and <= 0x7e and not (byte)'%' ? ((char)octet).ToString() : $"%{octet:X2}"));
}
