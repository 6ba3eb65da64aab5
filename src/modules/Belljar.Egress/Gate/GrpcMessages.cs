using System.Text;
using Belljar.Contracts;
using Belljar.Egress.Bodies;
using Belljar.Egress.Policy;
using Belljar.Egress.Scanning;
using Belljar.Protocols.Grpc;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Gate;

/// <summary>
/// How the messages of a gRPC call are looked at: each is held by itself until it was judged, and a compressed one is read
/// decompressed, too.
/// </summary>
internal sealed class GrpcMessages
{
    public static readonly Decision Malformed = Decision.Deny("malformed:GrpcMessage", "the body is not a sequence of gRPC messages");

    private readonly RoutePolicy _policy;
    private readonly BodyEscapes _escapes;
    private readonly string _encoding;

    public GrpcMessages(RoutePolicy policy, RequestHead head)
    {
        _policy = policy;
        _encoding = head.Fields.TryGet("grpc-encoding"u8, out var encoding) ? Encoding.Latin1.GetString(encoding.Value).ToLowerInvariant() : "identity";
        head.Fields.TryGet("content-type"u8, out var type);
        _escapes = Encoding.Latin1.GetString(type.Value).Contains("json", StringComparison.OrdinalIgnoreCase) ? BodyEscapes.Backslash : BodyEscapes.None;
    }

    public MessageReader Reader { get; } = new();

    public HeldStream Hold() => new(_policy.Scanner!, _policy.Route.Scan);

    /// <summary>The other readings of the message that begins.</summary>
    /// <returns>The denial, when it cannot be read.</returns>
    public Decision? TryView(out BodyViews? views)
    {
        views = null;
        ContentDecoder? decoder = null;
        if (Reader.IsCompressed && (!ContentDecoder.TryCreate(_encoding, out decoder) || decoder is null) && !_policy.Route.AllowEncodings.Contains(_encoding))
        {
            return Decision.Deny("encoding", "a message has a grpc-encoding that the gate cannot look into");
        }

        views = BodyViews.Of(_policy.Scanner!, decoder, _escapes);
        return null;
    }

    /// <summary>A message that was cut off has been held back.</summary>
    public Decision? JudgeEnd() => Reader.IsBetween ? null : Malformed;
}
