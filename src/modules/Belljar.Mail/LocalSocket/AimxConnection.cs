using System.Buffers;
using System.Net.Sockets;
using Belljar.Protocols.Aimx;

namespace Belljar.Mail.LocalSocket;

/// <summary>Answers a whole request.</summary>
/// <returns>The reply's bytes.</returns>
internal delegate ValueTask<byte[]> AimxAnswerer(AimxRequest request, ReadOnlyMemory<byte> body, CancellationToken ct);

/// <summary>
/// One connection to the local socket, which brings one request: head, body, reply, close. What was sent and is not wanted is
/// read and thrown away before closing, so that the client reads its reply and not a reset.
/// </summary>
internal sealed class AimxConnection(Socket socket, AimxAnswerer answer, SemaphoreSlim largeBodies, TimeProvider clock)
{
    private const int LargeBody = 256 * 1024;
    private const long MostDrained = 2L * AimxRequest.LargestBody;
    private static readonly TimeSpan ToSend = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ToDrain = TimeSpan.FromSeconds(5);
    private static readonly AimxError CutOff = new(AimxErrorCode.Malformed, "the request was cut off");
    private static readonly AimxError TooSlow = new(AimxErrorCode.Temporary, "the request took longer than 30 seconds to arrive");

    private readonly byte[] _received = new byte[16 * 1024];
    private int _start;
    private int _end;

    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            var reply = await ReplyAsync(ct);
            for (var sent = 0; sent < reply.Length;)
            {
                sent += await socket.SendAsync(reply.AsMemory(sent), ct);
            }

            socket.Shutdown(SocketShutdown.Send);
            await DrainAsync(ct);
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException)
        {
            // The client left, or we stop: there is nobody to answer.
        }
    }

    private async Task<byte[]> ReplyAsync(CancellationToken ct)
    {
        var reader = new AimxRequestReader();
        using var late = new Lateness(ToSend, clock, ct);
        try
        {
            if (await ReadHeadAsync(reader, late.Token) is { } error)
            {
                return AimxReply.Refusal(error);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return AimxReply.Refusal(TooSlow);
        }

        var request = reader.Request!;
        return request.BodyLength <= LargeBody ? await WithBodyAsync(request, late, ct) : await WithLargeBodyAsync(request, late, ct);
    }

    /// <summary>Few large bodies are in memory at a time; whoever waits for his turn does not lose his own time.</summary>
    private async Task<byte[]> WithLargeBodyAsync(AimxRequest request, Lateness late, CancellationToken ct)
    {
        await largeBodies.WaitAsync(ct);
        try
        {
            late.Restart();
            return await WithBodyAsync(request, late, ct);
        }
        finally
        {
            largeBodies.Release();
        }
    }

    private async Task<byte[]> WithBodyAsync(AimxRequest request, Lateness late, CancellationToken ct)
    {
        var body = new ArrayBufferWriter<byte>(Math.Max(1, Math.Min(request.BodyLength, LargeBody)));
        try
        {
            while (body.WrittenCount < request.BodyLength)
            {
                if (_start == _end && !await FillAsync(late.Token))
                {
                    return AimxReply.Refusal(CutOff);
                }

                var taken = Math.Min(_end - _start, request.BodyLength - body.WrittenCount);
                body.Write(_received.AsSpan(_start, taken));
                _start += taken;
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return AimxReply.Refusal(TooSlow);
        }

        return await answer(request, body.WrittenMemory, ct);
    }

    /// <returns>Null when the head is there.</returns>
    private async Task<AimxError?> ReadHeadAsync(AimxRequestReader reader, CancellationToken ct)
    {
        while (await FillAsync(ct))
        {
            var status = reader.Read(_received.AsSpan(_start, _end - _start), out var consumed);
            _start += consumed;
            if (status is not AimxReadStatus.Incomplete)
            {
                return reader.Error;
            }
        }

        return CutOff;
    }

    private async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        (_start, _end) = (0, 0);
        _end = await socket.ReceiveAsync(_received, ct);
        return _end > 0;
    }

    private async Task DrainAsync(CancellationToken ct)
    {
        using var late = new Lateness(ToDrain, clock, ct);
        for (var drained = 0L; drained < MostDrained && await FillAsync(late.Token); drained += _end)
        {
        }
    }

    /// <summary>Cancelled when the time is over, or when the caller's token is.</summary>
    private sealed class Lateness : IDisposable
    {
        private readonly TimeSpan _after;
        private readonly CancellationTokenSource _timer;
        private readonly CancellationTokenSource _either;

        public Lateness(TimeSpan after, TimeProvider clock, CancellationToken ct)
        {
            _after = after;
            _timer = new CancellationTokenSource(after, clock);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, ct);
        }

        public CancellationToken Token => _either.Token;

        public void Restart() => _timer.CancelAfter(_after);

        public void Dispose()
        {
            _either.Dispose();
            _timer.Dispose();
        }
    }
}
