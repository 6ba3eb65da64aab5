using System.Runtime.InteropServices;
using Belljar.Sandboxes.Native;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Files;

/// <summary>
/// The files of a sandbox as seen from its root. Every path is resolved by openat2 with RESOLVE_IN_ROOT, so that a link
/// planted inside leads to the inside only, whatever it says and whenever it was swapped.
/// </summary>
/// <param name="root">The root folder (O_PATH).</param>
/// <param name="idBase">What is added to an owner's number of the inside to get that of the host.</param>
internal sealed class SandboxTree(SafeFileHandle root, uint idBase) : IDisposable
{
    internal const int OpenPath = 0x200000;
    internal const int OpenFolder = 0x10000;
    internal const int NoFollow = 0x20000;
    internal const int CloseOnExec = 0x80000;
    internal const int NonBlocking = 0x800;
    internal const int NoTerminal = 0x100;
    private const int OpenAt2 = 437;
    private const ulong NoMagicLinks = 0x02;
    private const ulong InRoot = 0x10;

    // O_DIRECTORY and O_NOFOLLOW have other values on arm64.
    private static readonly bool Arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    internal static int Folder => Arm ? 0x4000 : OpenFolder;

    internal static int DoNotFollow => Arm ? 0x8000 : NoFollow;

    public uint ToHost(int id) => idBase + (uint)id;

    public int ToInside(uint id) => id >= idBase ? (int)(id - idBase) : (int)id;

    /// <returns>Null when there is nothing at the path (or its way there leads nowhere).</returns>
    public unsafe SafeFileHandle? TryOpen(string path, int flags)
    {
        using var text = new NativeStrings([path.TrimStart('/') is "" ? "." : path.TrimStart('/')]);
        var how = stackalloc ulong[] { (ulong)(uint)(flags | CloseOnExec), 0, InRoot | NoMagicLinks };
        while (true)
        {
            var descriptor = Libc.syscall(OpenAt2, root.DangerousGetHandle(), (nint)text.Pointers[0], (nint)how, 24, 0, 0);
            if (descriptor >= 0)
            {
                return new SafeFileHandle(descriptor, ownsHandle: true);
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.NoEntry or Errno.NotADirectory or Errno.Loop or Errno.NoDeviceOrAddress:
                    return null;
                case Errno.Again or Errno.Interrupted: // A rename raced with "..": look again.
                    continue;
                default:
                    throw NativeException.Last($"opening {path} in the sandbox");
            }
        }
    }

    /// <summary>The folder at a path; it and those above it are made when missing.</summary>
    public SafeFileHandle Folders(string path, uint user, uint group)
    {
        var parts = Parts(path);
        for (var known = parts.Length; ; known--)
        {
            if (TryOpen(string.Join('/', parts[..known]), OpenPath | Folder) is not { } folder)
            {
                if (known == 0)
                {
                    throw new SandboxException("The sandbox has no root folder.");
                }

                continue;
            }

            foreach (var part in parts[known..])
            {
                using var above = folder;
                folder = MakeFolder(above, part, user, group);
            }

            return folder;
        }
    }

    /// <summary>Makes a folder, or opens the one that is there. A link in its place is not followed: it fails.</summary>
    public static SafeFileHandle MakeFolder(SafeFileHandle above, string name, uint user, uint group)
    {
        if (Libc.mkdirat(above, name, 0x1ED) == 0)
        {
            Check(Libc.fchownat(above, name, user, group, 0x100), name);
        }
        else if (Marshal.GetLastPInvokeError() != Errno.Exists)
        {
            throw NativeException.Last($"making the folder {name} in the sandbox");
        }

        var descriptor = Libc.openat(above, name, OpenPath | Folder | DoNotFollow | CloseOnExec, 0);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw NativeException.Last($"opening the folder {name} in the sandbox");
    }

    /// <summary>An absolute path of the inside in its parts; <c>.</c> is dropped, <c>..</c> refused.</summary>
    public static string[] Parts(string path)
    {
        if (!path.StartsWith('/') || path.Contains('\0'))
        {
            throw new ArgumentException($"'{path}' is not an absolute path.", nameof(path));
        }

        string[] parts = [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".")];
        return parts.Contains("..") ? throw new ArgumentException($"'{path}' contains '..'.", nameof(path)) : parts;
    }

    public void Dispose() => root.Dispose();

    internal static void Check(int result, string what)
    {
        if (result != 0)
        {
            throw NativeException.Last($"{what} in the sandbox");
        }
    }
}
