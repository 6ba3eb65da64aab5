using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Belljar.Egress.Gate;

/// <summary>
/// One side's connection with what was received and not yet consumed. It begins as a socket and may become TLS; whoever
/// reads and writes does not see the difference. The parsers keep what they need, so the buffer is empty whenever more is
/// asked for, or holds what came too early.
/// </summary>
internal sealed class Wire(Socket socket) : IWire
{
    private const int Capacity = 32 * 1024;

    // From a pool, and given back only when nothing is being received: an aborted receive may still write into
    // it, and it must not be somebody else's by then.
    private byte[] _buffer = [];
    private SslStream? _tls;
    private int _start;
    private int _end;

    public ReadOnlyMemory<byte> Available => _buffer.AsMemory(_start, _end - _start);

    public bool IsEmpty => _start == _end;

    public bool IsSecure => _tls is not null;

    /// <summary>What both sides agreed to speak inside of TLS.</summary>
    public bool IsHttp2 => _tls?.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2;

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

    /// <summary>Becomes the server's side of TLS; what was received so far is the beginning of the client's hello.</summary>
    /// <exception cref="AuthenticationException">The client does not trust us, or shares no protocol with us.</exception>
    /// <exception cref="SocketException">The connection broke, or was aborted.</exception>
    public Task SecureAsync(SslServerAuthenticationOptions options, CancellationToken ct) => SecureAsync(tls => tls.AuthenticateAsServerAsync(options, ct));

    /// <summary>Becomes the client's side of TLS.</summary>
    /// <exception cref="AuthenticationException">The peer is not who it should be.</exception>
    /// <exception cref="SocketException">The connection broke, or was aborted.</exception>
    public Task SecureAsync(SslClientAuthenticationOptions options, CancellationToken ct) => SecureAsync(tls => tls.AuthenticateAsClientAsync(options, ct));

    /// <summary>
    /// Waits until there is something to receive, or the end, without holding a buffer meanwhile: a thousand idle
    /// connections cost little. Only when all was consumed.
    /// </summary>
    /// <exception cref="SocketException">The connection broke, or was aborted.</exception>
    public async ValueTask WaitAsync()
    {
        Release();
        if (_tls is null)
        {
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, CancellationToken.None);
        }
        else
        {
            await ReadTlsAsync(_tls, Memory<byte>.Empty, CancellationToken.None);
        }
    }

    /// <summary>Gives the buffer back. Only when all was consumed, and nothing is being received.</summary>
    public void Release()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            (_buffer, _start, _end) = ([], 0, 0);
        }
    }

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

        if (_buffer.Length == 0)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(Capacity);
        }

        if (_end == _buffer.Length)
        {
            return false;
        }

        var count = _tls is null
            ? await socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, ct)
            : await ReadTlsAsync(_tls, _buffer.AsMemory(_end), ct);
        _end += count;
        return count > 0;
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if (_tls is not null)
        {
            await WriteTlsAsync(_tls, bytes, ct);
            return;
        }

        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, ct)..];
        }
    }

    /// <summary>Says that nothing more will be sent; the other direction goes on.</summary>
    public async ValueTask EndSendingAsync()
    {
        try
        {
            if (_tls is not null)
            {
                await _tls.ShutdownAsync(); // close_notify
            }

            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or IOException or InvalidOperationException)
        {
            // The peer was faster, or the heartbeat.
        }
    }

    /// <summary>Receives and forgets; only when nothing is to be read any more, since TLS is not undone.</summary>
    /// <returns>How many bytes; 0 at the end of the stream.</returns>
    public async ValueTask<int> DiscardAsync()
    {
        _buffer = _buffer.Length > 0 ? _buffer : ArrayPool<byte>.Shared.Rent(Capacity);
        (_start, _end) = (0, 0);
        return await socket.ReceiveAsync(_buffer.AsMemory(), SocketFlags.None, CancellationToken.None);
    }

    /// <summary>From any thread: whoever waits on the connection gets an exception.</summary>
    public void Abort() => socket.Dispose();

    public void Dispose()
    {
        socket.Dispose();
        _tls?.Dispose();
    }

    private async Task SecureAsync(Func<SslStream, Task> authenticate)
    {
        var tls = new SslStream(new ReplayStream(socket, Available.ToArray()), leaveInnerStreamOpen: false);
        (_start, _end) = (0, 0);
        try
        {
            await authenticate(tls);
            _tls = tls;
        }
        catch (IOException error)
        {
            throw Broken(error);
        }
        finally
        {
            if (_tls is null)
            {
                await tls.DisposeAsync();
            }
        }
    }

    private static async ValueTask<int> ReadTlsAsync(SslStream tls, Memory<byte> buffer, CancellationToken ct)
    {
        try
        {
            return await tls.ReadAsync(buffer, ct);
        }
        catch (Exception error) when (error is IOException or AuthenticationException)
        {
            throw Broken(error);
        }
    }

    private static async ValueTask WriteTlsAsync(SslStream tls, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        try
        {
            await tls.WriteAsync(bytes, ct);
        }
        catch (Exception error) when (error is IOException or AuthenticationException)
        {
            throw Broken(error);
        }
    }

    /// <summary>One kind of exception for a connection that broke, whatever it is made of.</summary>
    private static SocketException Broken(Exception error)
        => error.InnerException as SocketException ?? new SocketException((int)SocketError.ConnectionReset);
}
