using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Belljar.Contracts.Wire;

/// <summary>Who is at the other end of a Unix stream socket, by the kernel's word (SO_PEERCRED, unix(7)).</summary>
public readonly record struct PeerCredentials(int Pid, int Uid, int Gid)
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>Of a peer that was gone before it could be asked for: nobody's.</summary>
    public static readonly PeerCredentials Unknown = new(Pid: 0, Uid: -1, Gid: -1);

    /// <summary>The effective user id of this process.</summary>
    public static int OwnUid { get; } = (int)GetEffectiveUserId();

    /// <returns>Null when the socket is not a connected Unix socket.</returns>
    public static PeerCredentials? Of(Socket socket)
    {
        Span<int> credentials = stackalloc int[3];
        try
        {
            var length = socket.GetRawSocketOption(SolSocket, SoPeerCred, MemoryMarshal.AsBytes(credentials));
            return length == 3 * sizeof(int) ? new PeerCredentials(credentials[0], credentials[1], credentials[2]) : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint GetEffectiveUserId();
}
