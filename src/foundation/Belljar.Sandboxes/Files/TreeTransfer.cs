using Belljar.Sandboxes.Native;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Files;

/// <summary>Trees into a sandbox and out of it.</summary>
internal static class TreeTransfer
{
    public static SandboxCopy In(SandboxTree tree, string hostFolder, string path, SandboxUser owner, CancellationToken ct)
    {
        var (user, group) = (tree.ToHost(owner.Uid), tree.ToHost(owner.Gid));
        using var source = HostFolder.Open(hostFolder);
        using var place = tree.Folders(path, user, group);
        using var target = Readable(place);
        var copy = new TreeCopy(_ => (user, group), long.MaxValue, ct);
        copy.Copy(source, target);
        return copy.Done;
    }

    /// <summary>What comes out belongs to whoever copies, and has no setuid bit.</summary>
    public static SandboxCopy Out(SandboxTree tree, string path, string hostFolder, long mostBytes, CancellationToken ct)
    {
        using var source = tree.TryOpen("/" + string.Join('/', SandboxTree.Parts(path)), SandboxTree.Folder)
            ?? throw new SandboxException($"There is no folder {path} in the sandbox.");
        Directory.CreateDirectory(hostFolder, (UnixFileMode)0x1C0);
        using var target = HostFolder.Open(hostFolder);
        var self = Libc.geteuid();
        var copy = new TreeCopy(_ => (self, Libc.getegid()), mostBytes, ct);
        copy.Copy(source, target);
        return copy.Done;
    }

    private static SafeFileHandle Readable(SafeFileHandle place)
    {
        var descriptor = Libc.openat(place, ".", SandboxTree.Folder | SandboxTree.CloseOnExec, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw NativeException.Last("opening a folder in the sandbox");
    }
}
