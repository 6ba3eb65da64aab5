using System.Runtime.InteropServices;
using Belljar.Sandboxes.Native;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Files;

/// <summary>Removes what is below a folder's descriptor, never through a link.</summary>
internal static class TreeRemoval
{
    private const int RemoveFolder = 0x200;
    private const int DeepestFolder = 512;

    /// <summary>Removes an entry, whatever it is; none there is fine.</summary>
    public static void Remove(SafeFileHandle folder, string name, int depth = 0)
    {
        if (Libc.unlinkat(folder, name, 0) == 0)
        {
            return;
        }

        switch (Marshal.GetLastPInvokeError())
        {
            case Errno.NoEntry:
                return;
            case Errno.IsADirectory:
                break;
            default:
                throw NativeException.Last($"removing {name}");
        }

        if (depth > DeepestFolder)
        {
            throw new SandboxException($"The tree is deeper than {DeepestFolder} folders.");
        }

        using (var inner = Open(folder, name))
        {
            Empty(inner, depth);
        }

        SandboxTree.Check(Libc.unlinkat(folder, name, RemoveFolder), $"removing {name}");
    }

    /// <summary>Removes all that is in a folder.</summary>
    public static void Empty(SafeFileHandle folder, int depth = 0)
    {
        foreach (var path in Directory.GetFileSystemEntries($"/proc/self/fd/{folder.DangerousGetHandle()}"))
        {
            Remove(folder, Path.GetFileName(path), depth + 1);
        }
    }

    private static SafeFileHandle Open(SafeFileHandle folder, string name)
    {
        var descriptor = Libc.openat(folder, name, SandboxTree.Folder | SandboxTree.DoNotFollow | SandboxTree.CloseOnExec, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw NativeException.Last($"opening {name}");
    }
}
