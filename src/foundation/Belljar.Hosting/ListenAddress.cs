using System.Net;
using System.Net.Sockets;

namespace Belljar.Hosting;

/// <summary>Binding a configured address, with the rule for ports that this process may not bind.</summary>
public static class ListenAddress
{
    private const int FirstUnprivilegedPort = 1024;

    /// <summary>What is added to a privileged port that cannot be bound: 25 becomes 20025.</summary>
    public const int FallbackOffset = 20000;

    /// <summary>
    /// Binds and listens. A port below 1024 that this user may not bind becomes <c>port + 20000</c>; whoever shows the
    /// listener shows where it really is.
    /// </summary>
    /// <exception cref="OperatorException">The address is in use, or not one of this machine.</exception>
    public static Socket Bind(IPEndPoint wanted, int backlog = 512)
    {
        try
        {
            return BindExactly(wanted, backlog);
        }
        catch (SocketException refused) when (refused.SocketErrorCode is SocketError.AccessDenied && wanted.Port is > 0 and < FirstUnprivilegedPort)
        {
            return BindOrExplain(new IPEndPoint(wanted.Address, wanted.Port + FallbackOffset), backlog);
        }
        catch (SocketException refused)
        {
            throw Explain(wanted, refused);
        }
    }

    private static Socket BindOrExplain(IPEndPoint address, int backlog)
    {
        try
        {
            return BindExactly(address, backlog);
        }
        catch (SocketException refused)
        {
            throw Explain(address, refused);
        }
    }

    private static Socket BindExactly(IPEndPoint address, int backlog)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // .NET sets SO_REUSEADDR on Unix, which is what a server wants after a restart.
            socket.Bind(address);
            socket.Listen(backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static OperatorException Explain(IPEndPoint address, SocketException refused) => new(refused.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"{address} is in use by another program; configure another address, or stop that program.",
        SocketError.AddressNotAvailable => $"{address} is not an address of this machine; configure one that is.",
        SocketError.AccessDenied => $"{address} may not be bound by this user; configure a port of 1024 or above.",
        _ => $"{address} cannot be listened on: {refused.Message}.",
    });
}
