using System.Buffers.Binary;
using System.Net.Sockets;

namespace Belljar.Sandboxes.Native;

/// <summary>Takes a descriptor that another process sends over a Unix socket (SCM_RIGHTS), which .NET has no call for.</summary>
internal static unsafe class DescriptorPassing
{
    private const int CloseOnExec = 0x40000000; // MSG_CMSG_CLOEXEC
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int ControlSize = 24; // One cmsghdr (16) and one descriptor, aligned.

    /// <exception cref="SandboxException">The other side sent none.</exception>
    public static Socket ReceiveSocket(Socket connection)
    {
        connection.Blocking = true;
        byte data;
        var control = stackalloc byte[ControlSize];
        var vector = stackalloc nint[] { (nint)(&data), 1 };

        // struct msghdr: name, its length (padded), vector, its length, control, its length, flags.
        var message = stackalloc nint[] { 0, 0, (nint)vector, 1, (nint)control, ControlSize, 0 };
        if (Libc.recvmsg(connection.SafeHandle, message, CloseOnExec) < 0)
        {
            throw NativeException.Last("receiving a descriptor");
        }

        var header = new ReadOnlySpan<byte>(control, ControlSize);
        if (message[5] < 20
            || BinaryPrimitives.ReadInt32LittleEndian(header[8..]) != SocketLevel
            || BinaryPrimitives.ReadInt32LittleEndian(header[12..]) != Rights)
        {
            throw new SandboxException("No socket was handed over.");
        }

        return new Socket(new SafeSocketHandle(BinaryPrimitives.ReadInt32LittleEndian(header[16..]), ownsHandle: true));
    }
}
