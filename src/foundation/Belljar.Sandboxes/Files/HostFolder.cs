using Belljar.Sandboxes.Native;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Files;

/// <summary>Descriptors of the host's folders.</summary>
internal static class HostFolder
{
    public static SafeFileHandle Open(string path, bool pathOnly = false)
    {
        var descriptor = Libc.open(path, (pathOnly ? SandboxTree.OpenPath : 0) | SandboxTree.Folder | SandboxTree.CloseOnExec, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw NativeException.Last($"opening {path}");
    }
}
