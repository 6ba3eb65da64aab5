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
}
