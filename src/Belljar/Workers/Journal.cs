using System.Net.Sockets;
using System.Text;

namespace Belljar.Workers;

/// <summary>One line to systemd's journal by its native protocol; where there is no journal, nothing.</summary>
internal static class Journal
{
    private const string SocketPath = "/run/systemd/journal/socket";

    public static void Write(string message)
    {
        if (!File.Exists(SocketPath))
        {
            return;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.SendTo(Encoding.UTF8.GetBytes($"MESSAGE={message}\nPRIORITY=6\nSYSLOG_IDENTIFIER=belljar\n"), new UnixDomainSocketEndPoint(SocketPath));
        }
        catch (SocketException)
        {
            // The same line stands in our own log.
        }
    }
}
