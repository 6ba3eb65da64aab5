using System.Runtime.InteropServices;

namespace Belljar.Sandboxes.Tiny;

/// <summary>The programs that <see cref="SyscallProgram"/> builds.</summary>
internal static class TinyPrograms
{
    private const long ChildEnded = 17;
    private const long NewUser = 0x10000000;

    private static readonly SyscallStep WaitForEver = new(271, 73, 0, 0, 0, 0, 0); // ppoll of nothing

    /// <summary>
    /// Process 1 of a sandbox: ignores SIGCHLD, so that the kernel collects every orphan, and sleeps. Signals from inside
    /// do not reach a first process that has no handler for them.
    /// </summary>
    private static readonly SyscallStep[] Init =
    [
        new(13, 134, ChildEnded, IgnoreAction, 0, 8), // rt_sigaction
        WaitForEver,
    ];

    /// <summary>Enters a new user namespace, says so with one byte, and keeps it alive.</summary>
    private static readonly SyscallStep[] UserNamespace =
    [
        new(272, 97, NewUser), // unshare
        new(1, 64, 1, new byte[] { (byte)'\n' }, 1), // write to standard output
        WaitForEver,
    ];

    /// <summary>Says with one byte that it runs, and waits: it keeps the namespaces that it was started in.</summary>
    private static readonly SyscallStep[] Hold =
    [
        new(1, 64, 1, new byte[] { (byte)'\n' }, 1), // write to standard output
        WaitForEver,
    ];

    // struct sigaction of the kernel: SIG_IGN, no flags, (no restorer,) no mask.
    private static byte[] IgnoreAction => [1, .. new byte[31]];

    public static byte[] InitFor(Architecture architecture) => SyscallProgram.Build(architecture, Init);

    public static byte[] HoldFor(Architecture architecture) => SyscallProgram.Build(architecture, Hold);

    public static byte[] UserNamespaceFor(Architecture architecture) => SyscallProgram.Build(architecture, UserNamespace);

    /// <summary>
    /// Makes a socket that listens on a port of 127.0.0.1, connects to a Unix socket and sends the first through the second.
    /// It looks at no result: who receives the socket checks which port it has.
    /// </summary>
    public static byte[] ListenFor(Architecture architecture, int port, string unixPath) =>
        SyscallProgram.Build(architecture, Listen(port, unixPath));

    private static SyscallStep[] Listen(int port, string unixPath)
    {
        const long Stream = 1;
        byte[] address = [2, 0, (byte)(port >> 8), (byte)port, 127, 0, 0, 1, .. new byte[8]];
        byte[] place = [1, 0, .. System.Text.Encoding.UTF8.GetBytes(unixPath), 0];

        byte[] rights = [20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]; // struct cmsghdr: SCM_RIGHTS of 3.
        var vector = SyscallArgument.Structure(new byte[] { (byte)'\n' }, 1);
        var message = SyscallArgument.Structure(0, 0, vector, 1, rights, rights.Length, 0); // struct msghdr
        return
        [
            new(41, 198, 2, Stream, 0), // socket: 3
            new(49, 200, 3, address, 16), // bind
            new(50, 201, 3, 512), // listen
            new(41, 198, 1, Stream, 0), // socket: 4
            new(42, 203, 4, place, place.Length), // connect
            new(46, 211, 4, message, 0), // sendmsg
            new(231, 94, 0), // exit_group
        ];
    }

    /// <summary>Writes a program of this machine's architecture, unless just that is there already.</summary>
    public static void Write(string path, byte[] program)
    {
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(program))
        {
            return;
        }

        var fresh = $"{path}.{Environment.ProcessId}";
        File.WriteAllBytes(fresh, program);
        File.SetUnixFileMode(fresh, (UnixFileMode)0b111_101_101);
        File.Move(fresh, path, overwrite: true); // A running one keeps its old file.
    }
}
