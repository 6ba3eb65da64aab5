using System.Net.Sockets;
using System.Runtime.InteropServices;
using Belljar.Store.Events;

namespace Belljar.Store.Ingest;

/// <summary>Who is at the other end of a Unix socket, from the kernel (SO_PEERCRED, unix(7)): as of its connect.</summary>
internal static class PeerCredentials
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    public static Sender Of(Socket socket)
    {
        // struct ucred { pid_t pid; uid_t uid; gid_t gid; } in the machine's byte order.
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        var numbers = MemoryMarshal.Cast<byte, int>(credentials);
        return new Sender(Uid: numbers[1], Pid: numbers[0]);
    }
}
