using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Store;

/// <summary>The few calls of libc that .NET does not offer.</summary>
internal static class Posix
{
    private const int FromHere = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int TheHandleItself = 0x1000; // AT_EMPTY_PATH
    private const uint TypeModeAndOwner = 0x1 | 0x2 | 0x8 | 0x10; // STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID

    /// <summary>The user whom this process acts as.</summary>
    public static int EffectiveUid => (int)EffectiveUser();

    /// <summary>Who owns what is at a path; a symbolic link is not followed. Null when nothing is there.</summary>
    public static FileOwner? OwnerOf(string path) => Stat(FromHere, Text(path), NoFollow);

    public static FileOwner? OwnerOf(SafeFileHandle file) => Stat((int)file.DangerousGetHandle(), [0], TheHandleItself);

    /// <summary>Opens for reading what may be somebody's trap: never through a symbolic link, never waiting for a pipe's writer.</summary>
    public static SafeFileHandle OpenNoFollow(string path)
    {
        const int readOnly = 0, nonBlocking = 0x800, closeOnExec = 0x80000;
        var noFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? 0x8000 : 0x20000;
        var descriptor = Open(Text(path), readOnly | nonBlocking | closeOnExec | noFollow);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"{path} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Makes the entries of a directory durable.</summary>
    public static void SyncDirectory(string path)
    {
        using var directory = OpenNoFollow(path);
        if (Sync((int)directory.DangerousGetHandle()) != 0)
        {
            throw new IOException($"{path} cannot be synced: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    private static FileOwner? Stat(int directory, byte[] path, int flags)
    {
        // struct statx, the same on every architecture: stx_uid at 20, stx_gid at 24, stx_mode at 28.
        var buffer = new byte[256];
        if (ExtendedStat(directory, path, flags, TypeModeAndOwner, buffer) != 0)
        {
            return null;
        }

        const int typeMask = 0xF000, regular = 0x8000, folder = 0x4000;
        var type = MemoryMarshal.Read<ushort>(buffer.AsSpan(28)) & typeMask;
        return new FileOwner(
            MemoryMarshal.Read<int>(buffer.AsSpan(20)), MemoryMarshal.Read<int>(buffer.AsSpan(24)), type == regular, type == folder);
    }

    private static byte[] Text(string path) => Encoding.UTF8.GetBytes(path + '\0');

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint EffectiveUser();

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static extern int ExtendedStat(int directory, byte[] path, int flags, uint mask, byte[] buffer);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Sync(int descriptor);

}

internal sealed record FileOwner(int Uid, int Gid, bool IsRegularFile, bool IsDirectory);
