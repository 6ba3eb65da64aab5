using System.Net;
using System.Net.Sockets;

namespace Belljar.Sandboxes.Native;

/// <summary>Work done inside another namespace, by a thread of its own. Needs root.</summary>
internal static class Namespaces
{
    private const int NewMounts = 0x00020000;
    private const int NewNetwork = 0x40000000;
    private const int Backlog = 512;
    private const nuint RecursivePrivate = 0x4000 | 0x40000;

    /// <summary>A private copy of the mounts: what the work mounts is seen by it and by the children that it starts.</summary>
    public static Task<T> WithPrivateMountsAsync<T>(Func<T> work) => OwnThread.RunAsync("belljar-mounts", () =>
    {
        if (Libc.unshare(NewMounts) != 0)
        {
            throw NativeException.Last("unshare of mounts");
        }

        if (Libc.mount(null, "/", null, RecursivePrivate, null) != 0)
        {
            throw NativeException.Last("making mounts private");
        }

        return work();
    });

    /// <summary>What the work starts is in the network namespace of this path.</summary>
    public static Task<T> WithNetworkAsync<T>(string path, Func<T> work) => OwnThread.RunAsync("belljar-network", () =>
    {
        EnterNetwork(path);
        return work();
    });

    /// <summary>For good: to be called on a thread that ends with its work.</summary>
    public static void EnterNetwork(string path)
    {
        using var handle = File.OpenHandle(path);
        if (Libc.setns(handle, NewNetwork) != 0)
        {
            throw NativeException.Last("entering a network namespace");
        }
    }

    /// <summary>A listening TCP socket inside a network namespace. It stays there, whoever holds it.</summary>
    /// <param name="path"><c>/proc/PID/ns/net</c> or a bound name like <c>/run/netns/x</c>.</param>
    public static Task<Socket> ListenAsync(string path, IPEndPoint address) => WithNetworkAsync(path, () =>
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(address);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    });
}
