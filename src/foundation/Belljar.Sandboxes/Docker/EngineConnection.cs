using System.Net.Sockets;

namespace Belljar.Sandboxes.Docker;

/// <summary>Connects to an engine's Unix socket, with failures that say what to do.</summary>
internal static class EngineConnection
{
    public static async ValueTask<Socket> OpenAsync(string path, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            var failure = error.SocketErrorCode == SocketError.AccessDenied ? EngineFailure.NotAllowed(path) : EngineFailure.Unreachable(path);
            throw new EngineException("The engine cannot be reached", 0, error.Message + ".", failure, error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
