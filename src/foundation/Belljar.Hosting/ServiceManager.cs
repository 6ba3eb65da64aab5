using System.Net.Sockets;
using System.Text;

namespace Belljar.Hosting;

/// <summary>Tells systemd how the process is (sd_notify(3)); says nothing where nobody asked.</summary>
public static class ServiceManager
{
    public static void Ready() => Send("READY=1");

    public static void Stopping() => Send("STOPPING=1");

    private static void Send(string state)
    {
        if (ProcessEnvironment.Get("NOTIFY_SOCKET") is not { } address)
        {
            return;
        }

        // A leading @ stands for the zero byte of an abstract address.
        var path = address[0] == '@' ? "\0" + address[1..] : address;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            // The manager's own timeout is what speaks when it cannot be reached.
        }
    }
}
