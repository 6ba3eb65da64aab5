using System.Buffers;
using Belljar.Egress.Secrets;
using Belljar.Protocols.Http1;
using Belljar.Protocols.WebSocket;

namespace Belljar.Egress.Gate;

/// <content>The answer on its way down.</content>
internal sealed partial class HttpForwarder
{
    private const string NotWhatItSays = "the host's answer is not what its Content-Encoding says";

    private async Task<ForwardEnd> DownloadAsync(RequestHead request, Exchange exchange, Upstream upstream)
    {
        for (var interim = 0; ; interim++)
        {
            if (await ReadResponseHeadAsync(upstream.Wire) is { } failure)
            {
                return Fail(exchange, failure);
            }

            if (!_response.IsInterim)
            {
                break;
            }

            if (interim == MostInterim)
            {
                return Fail(exchange, "the host sent too many interim answers");
            }

            if (!request.IsHttp10)
            {
                await SendInterimAsync();
            }

            _response.Reset();
        }

        if (_response.Status == 101)
        {
            return await SwitchAsync(request, exchange);
        }

        var framing = _response.FramingFor(request.Method);
        upstream.MayBeKept = _response.IsKeepAlive && framing.Kind is not BodyKind.UntilClose;
        exchange.Status = _response.Status;
        return await SendAnswerAsync(request, exchange, upstream, framing);
    }

    /// <summary>The head in one write: what follows it is another protocol, and clients are caught out by a head in pieces.</summary>
    private async Task<ForwardEnd> SwitchAsync(RequestHead request, Exchange exchange)
    {
        if (!WebSocketHandshake.IsAskedFor(request) || !WebSocketHandshake.IsAgreedTo(request, _response))
        {
            return Fail(exchange, "the host switched protocols without being asked, or to something else");
        }

        if (!client.IsEmpty)
        {
            // Sent before anybody had agreed: a request that hides behind the switch.
            return Fail(exchange, "the client sent more before the protocol was switched");
        }

        _down.ResetWrittenCount();
        HeadWriter.StatusLine(_down, _response.Status, _response.Reason);
        WriteResponseFields();
        _filter?.Cover(_down, from: 0);
        RequestFields.WriteUpgrade(_down);
        HeadWriter.End(_down);
        (exchange.Status, _hasAnswered) = (101, true);
        await client.SendAsync(_down.WrittenMemory, CancellationToken.None);
        return ForwardEnd.Switched;
    }

    /// <returns>What went wrong, in words for the agent; null when the head is there.</returns>
    private async Task<string?> ReadResponseHeadAsync(IWire upstream)
    {
        while (true)
        {
            if (!upstream.IsEmpty)
            {
                var status = _response.Read(upstream.Available.Span, out var consumed);
                upstream.Consume(consumed);
                switch (status)
                {
                    case HeadStatus.Complete:
                        return null;
                    case HeadStatus.Refused:
                        return $"the host's answer is malformed: {_response.Refusal.Describe()}";
                }
            }

            if (!await upstream.FillAsync(CancellationToken.None))
            {
                return "the host closed the connection without an answer";
            }

            deadline.Set(gate.Limits.Exchange);
        }
    }

    private async Task SendInterimAsync()
    {
        _down.ResetWrittenCount();
        HeadWriter.StatusLine(_down, _response.Status, _response.Reason);
        HeadWriter.EndToEndFields(_down, _response.Fields, _response.Connection);
        HeadWriter.End(_down);
        _filter?.Cover(_down, from: 0);
        await client.SendAsync(_down.WrittenMemory, CancellationToken.None);
    }

    private async Task<ForwardEnd> SendAnswerAsync(RequestHead request, Exchange exchange, Upstream upstream, BodyFraming framing)
    {
        if (_filter?.TryStart(_response, framing.HasBody) is false)
        {
            return Fail(exchange, "the host's answer has a Content-Encoding in which a credential could hide");
        }

        // A body that ends with the connection is chunked for the client: its connection lives on, and a cut shows.
        var down = framing.Kind is BodyKind.Chunked or BodyKind.UntilClose || _filter?.Decodes is true
            ? (request.IsHttp10 ? BodyFraming.UntilClose : BodyFraming.Chunked)
            : framing;
        _downKind = down.Kind;
        var stays = request.IsKeepAlive && down.Kind is not BodyKind.UntilClose && !gate.IsStopping;
        WriteResponseHead(request.Method, down, stays);
        _responseBody.Start(framing);
        while (true)
        {
            if (TryCollectDown(upstream.Wire, down, exchange, out var status) is { } failure)
            {
                if (!_hasAnswered)
                {
                    exchange.NothingDown();
                    return Fail(exchange, failure);
                }

                exchange.Failure = failure;
                return ForwardEnd.Broken;
            }

            _hasAnswered = true;
            await client.SendAsync(_down.WrittenMemory, CancellationToken.None);
            _down.ResetWrittenCount();
            deadline.Set(gate.Limits.Exchange);
            if (status is BodyStatus.Complete)
            {
                return stays ? ForwardEnd.Complete : ForwardEnd.CompleteAndClose;
            }

            if (await upstream.Wire.FillAsync(CancellationToken.None))
            {
                continue;
            }

            if (!_responseBody.MayEndHere || TryEndBody(down) is not null)
            {
                exchange.Failure = "the host cut its answer off";
                return ForwardEnd.Broken;
            }

            if (down.Kind is BodyKind.Chunked)
            {
                _down.Write(HeadWriter.LastChunk);
            }

            await client.SendAsync(_down.WrittenMemory, CancellationToken.None);
            return stays ? ForwardEnd.Complete : ForwardEnd.CompleteAndClose;
        }
    }

    private void WriteResponseHead(string method, BodyFraming down, bool stays)
    {
        _down.ResetWrittenCount();
        HeadWriter.StatusLine(_down, _response.Status, _response.Reason);
        WriteResponseFields();
        _filter?.Cover(_down, from: 0);
        if (down.Kind is not BodyKind.None)
        {
            HeadWriter.Framing(_down, down);
        }
        else if ((method == "HEAD" || _response.Status == 304) && _response.Declared is { Kind: BodyKind.Length } declared)
        {
            // The length of the body that a GET would have got.
            HeadWriter.Framing(_down, declared);
        }

        if (!stays)
        {
            HeadWriter.Field(_down, "Connection"u8, "close"u8);
        }

        HeadWriter.End(_down);
    }

    private void WriteResponseFields()
    {
        foreach (var field in _response.Fields)
        {
            if (field.Known is not (KnownField.Host or KnownField.ContentLength) && !_response.Connection.Drops(field)
                && !(_filter?.Decodes is true && field.IsNamed("content-encoding"u8)))
            {
                HeadWriter.Field(_down, field.Name, field.Value);
            }
        }
    }

    /// <returns>What is wrong with the answer, in words for the agent; null while nothing is.</returns>
    private string? TryCollectDown(IWire upstream, BodyFraming down, Exchange exchange, out BodyStatus status)
    {
        while (true)
        {
            status = _responseBody.Read(upstream.Available.Span, out var consumed, out var data);
            var failure = status switch
            {
                BodyStatus.Data => TryBody(down, data, exchange),
                BodyStatus.Complete => TryEndBody(down),
                BodyStatus.Refused => $"the host's answer is malformed: {_responseBody.Refusal.Describe()}",
                _ => null,
            };
            upstream.Consume(consumed);
            if (failure is not null || status is not BodyStatus.Data)
            {
                return failure;
            }
        }
    }

    private string? TryBody(BodyFraming down, ReadOnlySpan<byte> data, Exchange exchange)
    {
        exchange.Down(data.Length);
        if (_filter is null)
        {
            HeadWriter.Body(_down, down, data);
            return null;
        }

        try
        {
            _filter.Append(data, down, _down);
            return null;
        }
        catch (InvalidDataException)
        {
            return NotWhatItSays;
        }
    }

    private string? TryEndBody(BodyFraming down)
    {
        try
        {
            _filter?.End(down, _down);
        }
        catch (InvalidDataException)
        {
            return NotWhatItSays;
        }

        if (down.Kind is BodyKind.Chunked && _responseBody.IsComplete)
        {
            var trailers = _down.WrittenCount;
            HeadWriter.ChunkEnd(_down, _responseBody.Trailers);
            _filter?.Cover(_down, trailers);
        }

        return null;
    }
}
