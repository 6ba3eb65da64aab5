using System.Net.Sockets;
using Belljar.Contracts.Wire;

namespace Belljar.Bus.UnixSocket;

/// <summary>
/// Writes an outbox to a socket. While one write is under way the next ones gather, so a busy connection writes many
/// frames at once and an idle one writes each at once.
/// </summary>
internal sealed class FrameSender(Socket socket, Outbox outbox)
{
    private const int WriteSize = 64 * 1024;
    private const int BatchLength = 64;

    private readonly OutgoingFrame[] _batch = new OutgoingFrame[BatchLength];

    /// <summary>Messages of the write that failed, if one did: it is not known which of them arrived.</summary>
    public int InFlight { get; private set; }

    /// <summary>Returns when the outbox is closed and written.</summary>
    /// <exception cref="SocketException">The peer has gone.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        while (await outbox.WaitAsync(ct))
        {
            using var buffer = new PooledBuffer(WriteSize);
            while (Fill(buffer))
            {
                await SendAsync(buffer.Written, ct);
                buffer.Clear();
                InFlight = 0;
            }
        }
    }

    private bool Fill(PooledBuffer buffer)
    {
        while (buffer.Length < WriteSize)
        {
            var count = outbox.Take(_batch, WriteSize - buffer.Length);
            if (count == 0)
            {
                break;
            }

            foreach (ref readonly var frame in _batch.AsSpan(0, count))
            {
                Frame.Write(buffer, frame.Verb, frame.Argument, frame.Body.Span);
                InFlight += frame.Verb is Verbs.Publish or Verbs.Event ? 1 : 0;
            }

            _batch.AsSpan(0, count).Clear();
        }

        return buffer.Length > 0;
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, ct)..];
        }
    }
}
