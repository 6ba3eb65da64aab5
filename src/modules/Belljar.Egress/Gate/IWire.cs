using System.Net.Sockets;

namespace Belljar.Egress.Gate;

/// <summary>
/// One side of an exchange as a stream of HTTP/1.1: a connection, or a stream of an HTTP/2 connection that is shown as one.
/// Whoever reads and writes does not see the difference.
/// </summary>
internal interface IWire : IDisposable
{
    /// <summary>What was received and not consumed; valid until more is asked for.</summary>
    ReadOnlyMemory<byte> Available { get; }

    bool IsEmpty { get; }

    bool IsSecure { get; }

    /// <summary>Whether the peer has closed, or sent what nobody asked for: then the connection is not used again.</summary>
    bool IsStale { get; }

    void Consume(int count);

    /// <summary>Waits until there is something to receive, or the end, without holding a buffer meanwhile. Only when all was consumed.</summary>
    /// <exception cref="SocketException">The connection broke, or was aborted.</exception>
    ValueTask WaitAsync();

    /// <summary>Waits for more bytes behind those that are there.</summary>
    /// <returns>False at the end of the stream, or when the buffer is full.</returns>
    /// <exception cref="SocketException">The connection broke, or was aborted.</exception>
    ValueTask<bool> FillAsync(CancellationToken ct);

    /// <exception cref="SocketException">The connection broke, or was aborted.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct);

    /// <summary>Says that nothing more will be sent; the other direction goes on.</summary>
    ValueTask EndSendingAsync();

    /// <summary>Receives and forgets; only when nothing is to be read any more.</summary>
    /// <returns>How many bytes; 0 at the end of the stream.</returns>
    ValueTask<int> DiscardAsync();

    /// <summary>From any thread: whoever waits on the connection gets an exception.</summary>
    void Abort();
}
