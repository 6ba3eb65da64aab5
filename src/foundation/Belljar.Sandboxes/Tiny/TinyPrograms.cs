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

    // struct sigaction of the kernel: SIG_IGN, no flags, (no restorer,) no mask.
    private static byte[] IgnoreAction => [1, .. new byte[31]];

    public static byte[] InitFor(Architecture architecture) => SyscallProgram.Build(architecture, Init);

    public static byte[] UserNamespaceFor(Architecture architecture) => SyscallProgram.Build(architecture, UserNamespace);

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
