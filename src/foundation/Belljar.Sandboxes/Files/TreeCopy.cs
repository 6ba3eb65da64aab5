using System.Text;
using Belljar.Sandboxes.Native;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Files;

/// <summary>
/// Copies a tree from one folder descriptor to another. Entries are opened by name below a descriptor and never through
/// a link, so a tree that changes while it is copied cannot lead out of it.
/// </summary>
internal sealed class TreeCopy(Func<FileStatus, (uint User, uint Group)> owner, long mostBytes, CancellationToken ct)
{
    private const int DeepestFolder = 128;
    private const int LongestLink = 4096;
    private const int MostEntries = 2_000_000;

    private int _files;
    private int _folders;
    private int _links;
    private int _skipped;
    private long _bytes;

    public SandboxCopy Done => new(_files, _folders, _links, _skipped, _bytes);

    public void Copy(SafeFileHandle from, SafeFileHandle to, int depth = 0)
    {
        if (depth > DeepestFolder)
        {
            throw new SandboxException($"The tree is deeper than {DeepestFolder} folders.");
        }

        foreach (var path in Directory.EnumerateFileSystemEntries($"/proc/self/fd/{from.DangerousGetHandle()}"))
        {
            ct.ThrowIfCancellationRequested();
            if (_files + _folders + _links + _skipped >= MostEntries)
            {
                throw new SandboxException($"The tree has more than {MostEntries} entries.");
            }

            var name = Path.GetFileName(path);
            if (FileStatus.Of(from, name) is { } status)
            {
                CopyEntry(from, to, name, status, depth);
            }
        }
    }

    private void CopyEntry(SafeFileHandle from, SafeFileHandle to, string name, FileStatus status, int depth)
    {
        if (status.IsFolder)
        {
            CopyFolder(from, to, name, status, depth);
        }
        else if (status.IsFile)
        {
            CopyFile(from, to, name, status);
        }
        else if (status.IsLink)
        {
            CopyLink(from, to, name, status);
        }
        else
        {
            _skipped++;
        }
    }

    private void CopyFolder(SafeFileHandle from, SafeFileHandle to, string name, FileStatus status, int depth)
    {
        if (TryOpen(from, name, SandboxTree.Folder) is not { } source)
        {
            return; // Gone or swapped meanwhile.
        }

        using (source)
        {
            var (user, group) = owner(status);
            using var path = SandboxTree.MakeFolder(to, name, user, group);
            using var target = TryOpen(path, ".", SandboxTree.Folder) ?? throw NativeException.Last($"opening {name}");
            Copy(source, target, depth + 1);
            SandboxFiles.Finish(target, user, group, status.Mode & (UnixFileMode)0x1FF, status.ModifiedAt);
            _folders++;
        }
    }

    private void CopyFile(SafeFileHandle from, SafeFileHandle to, string name, FileStatus seen)
    {
        using var source = TryOpen(from, name, SandboxTree.NonBlocking | SandboxTree.NoTerminal);
        if (source is null || FileStatus.Of(source) is not { IsFile: true } status)
        {
            return;
        }

        var (user, group) = owner(seen);
        _ = Libc.unlinkat(to, name, 0);
        using var target = SandboxFiles.Create(to, name);
        var buffer = new byte[128 * 1024];
        long at = 0;
        int count;
        while ((count = RandomAccess.Read(source, buffer, at)) > 0)
        {
            ct.ThrowIfCancellationRequested();
            RandomAccess.Write(target, buffer.AsSpan(0, count), at);
            at += count;
            _bytes += count;
            if (_bytes > mostBytes)
            {
                throw new SandboxException($"The tree is larger than {mostBytes} bytes.");
            }
        }

        SandboxFiles.Finish(target, user, group, status.Mode & (UnixFileMode)0x1FF, status.ModifiedAt);
        _files++;
    }

    /// <returns>"" when it is no link any more.</returns>
    public static unsafe string LinkTarget(SafeFileHandle folder, string name)
    {
        var buffer = stackalloc byte[LongestLink];
        var length = Libc.readlinkat(folder, name, buffer, LongestLink);
        return length <= 0 ? "" : Encoding.UTF8.GetString(buffer, (int)length);
    }

    private void CopyLink(SafeFileHandle from, SafeFileHandle to, string name, FileStatus status)
    {
        var link = LinkTarget(from, name);
        if (link.Length == 0)
        {
            return;
        }

        _ = Libc.unlinkat(to, name, 0);
        SandboxTree.Check(Libc.symlinkat(link, to, name), $"linking {name}");
        var (user, group) = owner(status);
        SandboxTree.Check(Libc.fchownat(to, name, user, group, 0x100), $"setting the owner of {name}");
        _links++;
    }

    private static SafeFileHandle? TryOpen(SafeFileHandle folder, string name, int flags)
    {
        var descriptor = Libc.openat(folder, name, flags | SandboxTree.DoNotFollow | SandboxTree.CloseOnExec, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : null;
    }
}
