using System.Buffers;
using System.Net.Sockets;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Gate;

/// <summary>How the forwarding of one request ended.</summary>
internal enum ForwardEnd
{
    /// <summary>The client may send its next request.</summary>
    Complete,

    /// <summary>The answer was given whole; the connection cannot be used again.</summary>
    CompleteAndClose,

    /// <summary>What followed the answer was another protocol, and it has ended.</summary>
    Switched,

    /// <summary>The answer was cut off: the client must see that, so nothing more is said.</summary>
    Broken,

    /// <summary>No byte of an answer was given: the address was denied, or what the body holds.</summary>
    Denied,

    /// <summary>No byte of an answer was given: the upstream failed.</summary>
    Failed,

    /// <summary>No byte of an answer was given: the request's body was malformed.</summary>
    Malformed,
}

/// <summary>
/// Passes HTTP on, plain or inside TLS, both ways at once and without holding anything back. One for each connection from inside; it
/// keeps its connection to the upstream for the next request to the same place.
/// <code>
///   1 connect (or reuse)   2 head up   3 body up ∥ interim heads, head, body down   4 keep or close
/// </code>
/// </summary>
internal sealed partial class HttpForwarder(GateParts gate, IWire client, Deadline deadline) : IDisposable
{
    private const int MostInterim = 20;
    private const int FirstCapacity = 1024;
    private const int MostKept = 8 * 1024;
    private static readonly ReadOnlyMemory<byte> Continue = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();

    private readonly ResponseHead _response = new(gate.Limits.Http);
    private readonly BodyReader _requestBody = new(gate.Limits.Http);
    private readonly BodyReader _responseBody = new(gate.Limits.Http);
    private ArrayBufferWriter<byte> _up = new(FirstCapacity);
    private ArrayBufferWriter<byte> _down = new(FirstCapacity);
    private AnswerFilter? _filter;
    private Upstream? _upstream;
    private BodyKind _downKind;
    private bool _hasAnswered;
    private volatile bool _isAborted;

    /// <summary>Why the request's body was refused.</summary>
    public Http1Refusal Refusal => _requestBody.Refusal;

    public async Task<ForwardEnd> ForwardAsync(
        RequestHead request, RequestPath path, Exchange exchange, RouteTable routes, RoutePolicy policy, CancellationToken ct)
    {
        var isGrpc = GrpcCall.Is(request);
        if (await ConnectAsync(exchange, policy, isGrpc, ct) is { } end)
        {
            return end;
        }

        var isReused = _upstream!.IsUsed;
        _upstream.IsUsed = true;
        var result = await ExchangeAsync(request, path, exchange, routes, ct);
        if (result is ForwardEnd.Failed && isReused && !_response.HasBegun && IsRepeatable(request))
        {
            // The upstream closed the kept connection while the request was on its way (RFC 9112 §9.3.1).
            CloseUpstream();
            exchange.Failure = null;
            result = await ConnectAsync(exchange, policy, isGrpc, ct) ?? await ExchangeAsync(request, path, exchange, routes, ct);
        }

        if (result is not (ForwardEnd.Complete or ForwardEnd.CompleteAndClose) || !_upstream!.MayBeKept)
        {
            CloseUpstream();
        }

        Rest();
        return result;
    }

    /// <summary>Takes over a connection whose address was judged.</summary>
    public void Adopt(Upstream upstream)
    {
        _upstream = upstream;
        if (_isAborted)
        {
            upstream.Wire.Abort();
        }
    }

    /// <summary>Hands over a connection that was adopted and not used.</summary>
    public Upstream Release()
    {
        var upstream = _upstream!;
        _upstream = null;
        return upstream;
    }

    /// <summary>From any thread.</summary>
    public void Abort()
    {
        _isAborted = true;
        _upstream?.Wire.Abort();
    }

    public void Dispose()
    {
        _filter?.Dispose();
        CloseUpstream();
    }

    private static bool IsRepeatable(RequestHead request)
        => !request.Framing.HasBody && request.Method is "GET" or "HEAD" or "OPTIONS" or "PUT" or "DELETE";

    private async Task<ForwardEnd?> ConnectAsync(Exchange exchange, RoutePolicy policy, bool wantsHttp2, CancellationToken ct)
    {
        if (_upstream is { } kept && !(kept.Leads(exchange, policy, wantsHttp2) && !kept.Wire.IsStale))
        {
            CloseUpstream();
        }

        deadline.Clear();
        if (_upstream is null && await DialAsync(exchange, policy, ct) is { } end)
        {
            return end;
        }

        exchange.Address = _upstream!.Address;
        deadline.Set(gate.Limits.Connect);
        if (exchange.IsSecure && !_upstream.Wire.IsSecure)
        {
            if (await gate.UpstreamTls.SecureAsync(_upstream.Connection, exchange.Host, wantsHttp2, ct) is { } failure)
            {
                CloseUpstream();
                return Fail(exchange, failure);
            }

            _upstream.Begin(wantsHttp2, gate.Limits.Http);
        }

        deadline.Set(gate.Limits.Exchange);
        return null;
    }

    private async Task<ForwardEnd?> DialAsync(Exchange exchange, RoutePolicy policy, CancellationToken ct)
    {
        var connection = await gate.Connector.ConnectAsync(exchange.Host, exchange.Port, policy.Networks, ct);
        exchange.Address = connection.Address;
        if (connection.Denied is { } denied)
        {
            exchange.Decision = denied;
            return ForwardEnd.Denied;
        }

        if (connection.Socket is null)
        {
            return Fail(exchange, connection.Failure!);
        }

        Adopt(new Upstream(exchange.Host, exchange.Port, connection.Address!, policy, new Wire(connection.Socket)));
        return null;
    }

    private async Task<ForwardEnd> ExchangeAsync(RequestHead request, RequestPath path, Exchange exchange, RouteTable routes, CancellationToken ct)
    {
        var upstream = _upstream!;
        _response.Reset();
        _hasAnswered = false;
        UseFilter(upstream.Policy.Echoes);
        using var guard = new UploadGuard(gate, routes, upstream.Policy, exchange, request);
        if (guard.Holds && request.ExpectsContinue)
        {
            await client.SendAsync(Continue, ct);
        }

        using var stopUpload = request.Framing.HasBody ? CancellationTokenSource.CreateLinkedTokenSource(ct) : null;
        var upload = UploadAsync(request, path, exchange, upstream, guard, stopUpload?.Token ?? ct);
        var end = await TryDownloadAsync(request, exchange, upstream);
        if (stopUpload is not null && !upload.IsCompleted)
        {
            await stopUpload.CancelAsync();
        }

        var uploaded = await upload;
        upstream.MayBeKept &= uploaded is UploadEnd.Complete && end is (ForwardEnd.Complete or ForwardEnd.CompleteAndClose);
        switch (uploaded)
        {
            case UploadEnd.Malformed when !_hasAnswered:
                return MalformedBody(exchange);
            case UploadEnd.Malformed:
                exchange.Failure = Refusal.Describe();
                return ForwardEnd.Broken;
            case UploadEnd.Denied when !_hasAnswered:
                exchange.Failure = null;
                return ForwardEnd.Denied;
            case UploadEnd.Denied:
                exchange.Failure = $"denied after {exchange.BytesUp} bytes: {exchange.Decision.Reason}";
                return end is ForwardEnd.Broken && await TryEndCallAsync(request, exchange, ct) ? ForwardEnd.CompleteAndClose : ForwardEnd.Broken;
            case UploadEnd.ClientGone:
                exchange.Failure = "the client closed the connection";
                return ForwardEnd.Broken;
            default:
                if (end is ForwardEnd.Switched)
                {
                    await new WebSocketRelay(client, upstream.Wire, deadline, gate, routes, upstream.Policy, exchange).RunAsync();
                    return end;
                }

                return uploaded is not UploadEnd.Complete && end is ForwardEnd.Complete ? ForwardEnd.CompleteAndClose : end;
        }
    }

    /// <summary>Until the next request, which may never come, little is held.</summary>
    private void Rest()
    {
        if (_upstream is { Wire: Wire { IsEmpty: true } resting })
        {
            resting.Release();
        }

        _up = _up.Capacity > MostKept ? new(FirstCapacity) : _up;
        _down = _down.Capacity > MostKept ? new(FirstCapacity) : _down;
    }

    /// <summary>A call whose answer had begun can still be told, in its trailers, why it ends.</summary>
    private async Task<bool> TryEndCallAsync(RequestHead request, Exchange exchange, CancellationToken ct)
    {
        if (!GrpcCall.Is(request) || _downKind is not BodyKind.Chunked)
        {
            return false;
        }

        _down.ResetWrittenCount();
        _down.Write("0\r\n"u8);
        GrpcCall.WriteOutcome(_down, 403, Answers.Denied(exchange));
        HeadWriter.End(_down);
        await client.SendAsync(_down.WrittenMemory, ct);
        return true;
    }

    private void UseFilter(ValueAutomaton? echoes)
    {
        if (_filter?.Echoes != echoes)
        {
            _filter?.Dispose();
            _filter = echoes is null ? null : new AnswerFilter(echoes);
        }
    }

    private async Task<ForwardEnd> TryDownloadAsync(RequestHead request, Exchange exchange, Upstream upstream)
    {
        try
        {
            return await DownloadAsync(request, exchange, upstream);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            if (!_hasAnswered)
            {
                return Fail(exchange, "the host closed the connection without an answer");
            }

            exchange.Failure = "the connection broke";
            return ForwardEnd.Broken;
        }
    }

    private ForwardEnd MalformedBody(Exchange exchange)
    {
        exchange.Decision = Contracts.Decision.Deny($"malformed:{Refusal}", Refusal.Describe());
        (exchange.Failure, exchange.Status) = (null, Refusal.Status());
        return ForwardEnd.Malformed;
    }

    private static ForwardEnd Fail(Exchange exchange, string why)
    {
        (exchange.Failure, exchange.Status) = (why, 502);
        return ForwardEnd.Failed;
    }

    private void CloseUpstream()
    {
        _upstream?.Wire.Dispose();
        _upstream = null;
    }
}
