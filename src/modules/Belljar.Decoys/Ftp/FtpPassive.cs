using System.Net;
using System.Net.Sockets;
using Belljar.Decoys.Dialogues;

namespace Belljar.Decoys.Ftp;

/// <summary>Waits for one data connection, from the visitor's own address.</summary>
internal sealed class FtpPassive : IDisposable
{
    private static readonly TimeSpan AcceptTime = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;

    public FtpPassive(IPAddress local)
    {
        _socket = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _socket.Bind(new IPEndPoint(local, 0));
        _socket.Listen(1);
    }

    public IPEndPoint Endpoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <returns>Null when nobody came, or somebody else.</returns>
    public async Task<Socket?> AcceptAsync(IPAddress remote, TimeProvider clock, CancellationToken ct)
    {
        try
        {
            using var deadline = new Deadline(AcceptTime, clock, ct);
            var data = await _socket.AcceptAsync(deadline.Token);
            if (data.RemoteEndPoint is IPEndPoint peer && peer.Address.Equals(remote))
            {
                return data;
            }

            data.Dispose();
            return null;
        }
        catch (Exception nobody) when (nobody is SocketException || (nobody is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    public void Dispose() => _socket.Dispose();
}
