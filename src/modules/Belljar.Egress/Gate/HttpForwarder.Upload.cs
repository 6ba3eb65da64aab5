using System.Net.Sockets;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Gate;

/// <content>The request on its way up.</content>
internal sealed partial class HttpForwarder
{
    private enum UploadEnd
    {
        Complete,
        ClientGone,
        Malformed,

        /// <summary>Its answer may still be there to be read.</summary>
        UpstreamGone,

        /// <summary>The answer was complete before the request was.</summary>
        Stopped,
    }

    /// <summary>Sends the head and then the body as it comes. Never throws: the answer decides what becomes of the exchange.</summary>
    private async Task<UploadEnd> UploadAsync(RequestHead request, RequestPath path, Exchange exchange, Upstream upstream, CancellationToken ct)
    {
        WriteRequestHead(request, path, exchange, upstream.Policy);
        _requestBody.Start(request.Framing);
        while (true)
        {
            var status = CollectUp(request.Framing, exchange);
            if (status is BodyStatus.Refused)
            {
                upstream.Wire.Abort();
                return UploadEnd.Malformed;
            }

            try
            {
                await upstream.Wire.SendAsync(_up.WrittenMemory, ct);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return error is OperationCanceledException ? UploadEnd.Stopped : UploadEnd.UpstreamGone;
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
                    _up.ResetWrittenCount();
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

    private void WriteRequestHead(RequestHead request, RequestPath path, Exchange exchange, RoutePolicy policy)
    {
        _up.ResetWrittenCount();
        HeadWriter.RequestLine(_up, request.Method, RequestFields.Target(path, policy));
        HeadWriter.Field(_up, "Host"u8, new Authority(exchange.Host, exchange.Port == (exchange.IsSecure ? 443 : 80) ? null : exchange.Port).ToString());
        RequestFields.Write(_up, request, policy);
        HeadWriter.Framing(_up, request.Framing);
        HeadWriter.End(_up);
    }

    /// <summary>Moves what the client has sent into the buffer for upstream, framed anew.</summary>
    private BodyStatus CollectUp(BodyFraming framing, Exchange exchange)
    {
        while (true)
        {
            var status = _requestBody.Read(client.Available.Span, out var consumed, out var data);
            if (status is BodyStatus.Data)
            {
                exchange.Up(data.Length);
                HeadWriter.Body(_up, framing, data);
            }

            client.Consume(consumed);
            if (status is BodyStatus.Complete && framing.Kind is BodyKind.Chunked)
            {
                HeadWriter.ChunkEnd(_up, _requestBody.Trailers);
            }

            if (status is not BodyStatus.Data)
            {
                return status;
            }
        }
    }
}
