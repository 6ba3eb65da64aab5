using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Native;

/// <summary>
/// The descriptor-based mount calls (Linux 5.2 and later; the numbers are the same on every architecture), which the C
/// library of Debian 11 and 12 does not all wrap. A mount made here is attached nowhere until it is moved.
/// </summary>
internal static unsafe class MountCalls
{
    public const ulong ReadOnly = 0x1;
    public const ulong NoSuid = 0x2;
    public const ulong NoDevices = 0x4;
    private const ulong MapIds = 0x00100000;

    private const int OpenTree = 428;
    private const int MoveMount = 429;
    private const int FsOpen = 430;
    private const int FsConfig = 431;
    private const int FsMount = 432;
    private const int MountSetAttributes = 442;

    private const int AtWorkingFolder = -100;
    private const int AtEmptyPath = 0x1000;
    private const int AtRecursive = 0x8000;
    private const int CloseOnExec = 0x80000;
    private const int SetFlag = 0;
    private const int SetString = 1;
    private const int CreateSuperblock = 6;

    /// <summary>A private copy of the mounts at a path, as <c>mount --rbind</c> makes.</summary>
    public static SafeFileHandle Clone(string path)
    {
        using var text = new NativeStrings([path]);
        return Opened(
            Libc.syscall(OpenTree, AtWorkingFolder, (nint)text.Pointers[0], 1 | CloseOnExec | AtRecursive, 0, 0, 0), $"open_tree of {path}");
    }

    /// <summary>A new file system of a type, from its options.</summary>
    public static SafeFileHandle Make(string type, ulong attributes, params ReadOnlySpan<(string Key, string? Value)> options)
    {
        using var typeText = new NativeStrings([type]);
        using var context = Opened(Libc.syscall(FsOpen, (nint)typeText.Pointers[0], 1, 0, 0, 0, 0), $"fsopen of {type}");
        var number = context.DangerousGetHandle();
        foreach (var (key, value) in options)
        {
            using var pair = new NativeStrings([key, value ?? ""]);
            var (command, argument) = value is null ? (SetFlag, 0) : (SetString, (nint)pair.Pointers[1]);
            Check(
                Libc.syscall(FsConfig, number, command, (nint)pair.Pointers[0], argument, 0, 0),
                $"option {key} of a {type} mount");
        }

        Check(Libc.syscall(FsConfig, number, CreateSuperblock, 0, 0, 0, 0), $"making a {type} mount");
        return Opened(Libc.syscall(FsMount, number, 1, (nint)attributes, 0, 0, 0), $"fsmount of {type}");
    }

    /// <summary>Sets attributes on all mounts of a detached copy.</summary>
    public static void SetAttributes(SafeFileHandle mount, ulong attributes) => Set(mount, attributes, 0);

    /// <summary>Shows the owners of a detached copy as a user namespace has them.</summary>
    /// <returns>False when this file system cannot (before Linux 5.12, or a network file system).</returns>
    public static bool TryMapIds(SafeFileHandle mount, SafeFileHandle userNamespace)
    {
        try
        {
            Set(mount, MapIds, (ulong)userNamespace.DangerousGetHandle());
            return true;
        }
        catch (NativeException)
        {
            return false;
        }
    }

    /// <summary>Attaches a detached mount on the folder (or file) that a descriptor names.</summary>
    public static void Attach(SafeFileHandle mount, SafeFileHandle target)
    {
        using var empty = new NativeStrings([""]);
        var nothing = (nint)empty.Pointers[0];
        const int EmptyFromAndTo = 0x4 | 0x40;
        Check(
            Libc.syscall(MoveMount, mount.DangerousGetHandle(), nothing, target.DangerousGetHandle(), nothing, EmptyFromAndTo, 0),
            "move_mount");
    }

    private static void Set(SafeFileHandle mount, ulong attributes, ulong userNamespace)
    {
        using var empty = new NativeStrings([""]);
        var structure = stackalloc ulong[] { attributes, 0, 0, userNamespace };
        Check(
            Libc.syscall(
                MountSetAttributes, mount.DangerousGetHandle(), (nint)empty.Pointers[0], AtEmptyPath | AtRecursive, (nint)structure, 32, 0),
            "mount_setattr");
    }

    private static SafeFileHandle Opened(nint descriptor, string what) =>
        descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw NativeException.Last(what);

    private static void Check(nint result, string what)
    {
        if (result < 0)
        {
            throw NativeException.Last(what);
        }
    }
}
