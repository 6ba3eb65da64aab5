using System.Formats.Tar;
using Belljar.Sandboxes.Native;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Files;

/// <summary>Writes a folder of the host as a tar stream: files, folders and links, never through a link.</summary>
/// <param name="owner">Gives the numbers in the archive for a file.</param>
internal sealed class TarPack(Func<FileStatus, (uint User, uint Group)> owner, CancellationToken ct)
{
    private const int DeepestFolder = 128;

    private int _files;
    private int _folders;
    private int _links;
    private int _skipped;
    private long _bytes;

    public SandboxCopy Done => new(_files, _folders, _links, _skipped, _bytes);

    /// <param name="prefix">Put before every name: "" or ending in a slash.</param>
    public void Write(TarWriter writer, string folder, string prefix)
    {
        using var handle = HostFolder.Open(folder);
        Write(writer, handle, prefix, 0);
    }

    public static PaxTarEntry Folder(string name, UnixFileMode mode, int user, int group) => new(TarEntryType.Directory, name)
    {
        Mode = mode,
        Uid = user,
        Gid = group,
    };

    public static PaxTarEntry File(string name, ReadOnlyMemory<byte> content, UnixFileMode mode, int user, int group) =>
        new(TarEntryType.RegularFile, name)
        {
            Mode = mode,
            Uid = user,
            Gid = group,
            DataStream = new MemoryStream(content.ToArray(), writable: false),
        };

    private void Write(TarWriter writer, SafeFileHandle folder, string prefix, int depth)
    {
        if (depth > DeepestFolder)
        {
            throw new SandboxException($"The tree is deeper than {DeepestFolder} folders.");
        }

        foreach (var path in Directory.EnumerateFileSystemEntries($"/proc/self/fd/{folder.DangerousGetHandle()}"))
        {
            ct.ThrowIfCancellationRequested();
            var name = Path.GetFileName(path);
            if (FileStatus.Of(folder, name) is { } status)
            {
                WriteEntry(writer, folder, name, prefix + name, status, depth);
            }
        }
    }

    private void WriteEntry(TarWriter writer, SafeFileHandle folder, string name, string path, FileStatus status, int depth)
    {
        if (status.IsFolder && TryOpen(folder, name, SandboxTree.Folder) is { } inner)
        {
            using (inner)
            {
                writer.WriteEntry(Finish(new PaxTarEntry(TarEntryType.Directory, path + "/"), status));
                _folders++;
                Write(writer, inner, path + "/", depth + 1);
            }
        }
        else if (status.IsFile && TryOpen(folder, name, SandboxTree.NonBlocking) is { } file)
        {
            using var content = new FileStream(file, FileAccess.Read);
            var entry = Finish(new PaxTarEntry(TarEntryType.RegularFile, path), status);
            entry.DataStream = content;
            _bytes += content.Length;
            writer.WriteEntry(entry);
            _files++;
        }
        else if (status.IsLink)
        {
            var entry = Finish(new PaxTarEntry(TarEntryType.SymbolicLink, path), status);
            entry.LinkName = TreeCopy.LinkTarget(folder, name);
            writer.WriteEntry(entry);
            _links++;
        }
        else
        {
            _skipped++;
        }
    }

    private PaxTarEntry Finish(PaxTarEntry entry, FileStatus status)
    {
        var (user, group) = owner(status);
        entry.Uid = (int)user;
        entry.Gid = (int)group;
        entry.Mode = status.Mode;
        entry.ModificationTime = status.ModifiedAt < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : status.ModifiedAt;
        return entry;
    }

    private static SafeFileHandle? TryOpen(SafeFileHandle folder, string name, int flags)
    {
        var descriptor = Libc.openat(folder, name, flags | SandboxTree.DoNotFollow | SandboxTree.CloseOnExec, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : null;
    }
}
