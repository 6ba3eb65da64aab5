using System.Net.Sockets;

namespace Belljar.Egress.Gate;

/// <summary>A socket whose first bytes were already read by somebody: they come first.</summary>
internal sealed class ReplayStream(Socket socket, byte[] first) : NetworkStream(socket, ownsSocket: false)
{
    private ReadOnlyMemory<byte> _first = first;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_first.IsEmpty || buffer.IsEmpty)
        {
            // An empty buffer asks whether there is something to read; what was read before is.
            return _first.IsEmpty ? base.ReadAsync(buffer, cancellationToken) : new(0);
        }

        var count = Math.Min(buffer.Length, _first.Length);
        _first.Span[..count].CopyTo(buffer.Span);
        _first = count == _first.Length ? default : _first[count..]; // not held for as long as the connection lives
        return new(count);
    }
}
