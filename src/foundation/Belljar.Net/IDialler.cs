using System.Net;
using System.Net.Sockets;

namespace Belljar.Net;

/// <summary>Opens connections to addresses that were judged. A seam: tests lead public addresses to a server of their own.</summary>
public interface IDialler
{
    /// <exception cref="SocketException">Nobody is there.</exception>
    ValueTask<Socket> DialAsync(IPEndPoint to, CancellationToken ct);
}

public sealed class TcpDialler : IDialler
{
    public async ValueTask<Socket> DialAsync(IPEndPoint to, CancellationToken ct)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(to, ct);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
