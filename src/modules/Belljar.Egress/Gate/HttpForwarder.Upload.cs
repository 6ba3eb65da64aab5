using System.Net.Sockets;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Belljar.Protocols.Http1;
using Belljar.Protocols.WebSocket;

namespace Belljar.Egress.Gate;

/// <content>The request on its way up.</content>
internal sealed partial class HttpForwarder
{
    private enum UploadEnd
    {
        Complete,
        ClientGone,
        Malformed,

        /// <summary>What it holds must not leave; the exchange says why.</summary>
        Denied,

        /// <summary>Its answer may still be there to be read.</summary>
        UpstreamGone,

        /// <summary>The answer was complete before the request was.</summary>
        Stopped,
    }

    /// <summary>Sends the head and then the body as it comes and is judged. Never throws: the answer decides what becomes of the exchange.</summary>
    private async Task<UploadEnd> UploadAsync(
        RequestHead request, RequestPath path, Exchange exchange, Upstream upstream, UploadGuard guard, CancellationToken ct)
    {
        WriteRequestHead(request, path, exchange, upstream.Policy, guard);
        if (guard.Begin(request, _up.WrittenCount) is { } refused)
        {
            return Deny(refused, exchange, upstream);
        }

        _requestBody.Start(request.Framing);
        while (true)
        {
            var status = CollectUp(guard.Framing(request.Framing), guard, exchange, out var denied);
            if (denied is { } decision)
            {
                return Deny(decision, exchange, upstream);
            }

            if (status is BodyStatus.Refused)
            {
                upstream.Wire.Abort();
                return UploadEnd.Malformed;
            }

            // While the body is held the head waits with it.
            if (!guard.IsHolding)
            {
                try
                {
                    await upstream.Wire.SendAsync(_up.WrittenMemory, ct);
                }
                catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
                {
                    return error is OperationCanceledException ? UploadEnd.Stopped : UploadEnd.UpstreamGone;
                }

                _up.ResetWrittenCount();
            }

            if (status is BodyStatus.Complete)
            {
                return UploadEnd.Complete;
            }

            deadline.Set(gate.Limits.Exchange);
            try
            {
                if (await client.FillAsync(ct))
                {
                    continue;
                }
            }
            catch (OperationCanceledException)
            {
                return UploadEnd.Stopped;
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // As at the end of the stream: the body was cut off.
            }

            upstream.Wire.Abort();
            return UploadEnd.ClientGone;
        }
    }

    private static UploadEnd Deny(Contracts.Decision decision, Exchange exchange, Upstream upstream)
    {
        exchange.Decision = decision;
        upstream.Wire.Abort();
        return UploadEnd.Denied;
    }

    private void WriteRequestHead(RequestHead request, RequestPath path, Exchange exchange, RoutePolicy policy, UploadGuard guard)
    {
        _up.ResetWrittenCount();
        HeadWriter.RequestLine(_up, request.Method, RequestFields.Target(path, policy));
        HeadWriter.Field(_up, "Host"u8, new Authority(exchange.Host, exchange.Port == (exchange.IsSecure ? 443 : 80) ? null : exchange.Port).ToString());
        RequestFields.Write(_up, request, policy, withoutExpect: guard.Holds, withoutCoding: guard.Decodes);
        if (WebSocketHandshake.IsAskedFor(request))
        {
            RequestFields.WriteUpgrade(_up);
        }

        HeadWriter.Framing(_up, guard.Framing(request.Framing));
        HeadWriter.End(_up);
    }

    /// <summary>Moves what the client has sent into the buffer for upstream, framed anew.</summary>
    private BodyStatus CollectUp(BodyFraming framing, UploadGuard guard, Exchange exchange, out Contracts.Decision? denied)
    {
        while (true)
        {
            var status = _requestBody.Read(client.Available.Span, out var consumed, out var data);
            exchange.Up(data.Length);
            denied = status switch
            {
                BodyStatus.Data => guard.Append(data, framing, _up),
                BodyStatus.Complete => guard.End(framing, _requestBody.Trailers, _up),
                _ => null,
            };
            client.Consume(consumed);
            if (denied is not null || status is not BodyStatus.Data)
            {
                return status;
            }
        }
    }
}
