using System.Net.Sockets;

namespace Belljar.Egress.Gate;

/// <summary>
/// One side's socket with what was received and not yet consumed. The parsers keep what they need, so the buffer is empty
/// whenever more is asked for, or holds what came too early.
/// </summary>
internal sealed class Wire(Socket socket) : IDisposable
{
    private const int Capacity = 32 * 1024;

    // Not from a pool: an aborted receive may still write into it, and a pooled one would by then be somebody else's.
    private readonly byte[] _buffer = new byte[Capacity];
    private int _start;
    private int _end;

    public ReadOnlyMemory<byte> Available => _buffer.AsMemory(_start, _end - _start);

    public bool IsEmpty => _start == _end;

    /// <summary>Whether the peer has closed, or sent what nobody asked for: then the connection is not used again.</summary>
    public bool IsStale
    {
        get
        {
            try
            {
                return !IsEmpty || socket.Poll(0, SelectMode.SelectRead);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    public void Consume(int count) => _start += count;

    /// <summary>Waits for more bytes behind those that are there.</summary>
    /// <returns>False at the end of the stream, or when the buffer is full.</returns>
    /// <exception cref="SocketException">The connection broke, or was aborted.</exception>
    public async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            return false;
        }

        var count = await socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, ct);
        _end += count;
        return count > 0;
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, ct)..];
        }
    }

    /// <summary>Says that nothing more will be sent; the other direction goes on.</summary>
    public void EndSending()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The peer was faster, or the heartbeat.
        }
    }

    /// <summary>From any thread: whoever waits on the socket gets an exception.</summary>
    public void Abort() => socket.Dispose();

    public void Dispose() => socket.Dispose();
}
