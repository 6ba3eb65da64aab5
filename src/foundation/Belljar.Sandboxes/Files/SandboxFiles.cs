using System.Security.Cryptography;
using Belljar.Sandboxes.Native;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Files;

/// <summary>Writing and reading single files of a <see cref="SandboxTree"/>.</summary>
internal static class SandboxFiles
{
    private const int CreateNew = 0x40 | 0x80 | 0x1; // O_CREAT | O_EXCL | O_WRONLY

    public static void Write(SandboxTree tree, string path, ReadOnlySpan<byte> content, SandboxFileAttributes attributes, SandboxUser owner)
    {
        if (SandboxTree.Parts(path) is not [.. var above, var name])
        {
            throw new ArgumentException("The root is not a file.", nameof(path));
        }

        var (user, group) = (tree.ToHost(owner.Uid), tree.ToHost(owner.Gid));
        using var folder = tree.Folders("/" + string.Join('/', above), user, group);
        var temporary = $".{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        try
        {
            using (var file = Create(folder, temporary))
            {
                RandomAccess.Write(file, content, 0);
                Finish(file, user, group, attributes.Mode, attributes.ModifiedAt);
            }

            SandboxTree.Check(Libc.renameat(folder, temporary, folder, name), $"putting {path} in its place");
        }
        catch
        {
            _ = Libc.unlinkat(folder, temporary, 0);
            throw;
        }
    }

    public static SandboxRead Read(SandboxTree tree, string path, int most)
    {
        // Non-blocking: a pipe planted there would otherwise hold this thread for ever.
        using var file = tree.TryOpen(
            "/" + string.Join('/', SandboxTree.Parts(path)), SandboxTree.NonBlocking | SandboxTree.NoTerminal);
        if (file is null)
        {
            return SandboxRead.Without(SandboxReadStatus.Missing);
        }

        var status = FileStatus.Of(file);
        if (!status.IsFile)
        {
            return SandboxRead.Without(SandboxReadStatus.NotAFile);
        }

        // One byte more than allowed, since the file may grow while it is read.
        var buffer = new byte[Math.Min(status.Size, most) + 1];
        var length = 0;
        int count;
        while (length < buffer.Length && (count = RandomAccess.Read(file, buffer.AsSpan(length), length)) > 0)
        {
            length += count;
        }

        return length > most
            ? SandboxRead.Without(SandboxReadStatus.TooLarge)
            : new SandboxRead(
                SandboxReadStatus.Found,
                buffer.AsMemory(0, length),
                status.Mode,
                tree.ToInside(status.Uid),
                tree.ToInside(status.Gid),
                status.ModifiedAt);
    }

    public static SafeFileHandle Create(SafeFileHandle folder, string name)
    {
        var descriptor = Libc.openat(folder, name, CreateNew | SandboxTree.CloseOnExec | SandboxTree.DoNotFollow, 0x180);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw NativeException.Last($"making {name} in the sandbox");
    }

    /// <summary>Owner first: chown takes setuid bits away.</summary>
    public static void Finish(SafeFileHandle file, uint user, uint group, UnixFileMode mode, DateTimeOffset? modifiedAt)
    {
        SandboxTree.Check(Libc.fchown(file, user, group), "setting an owner");
        SandboxTree.Check(Libc.fchmod(file, (uint)mode), "setting a mode");
        if (modifiedAt is { } time)
        {
            File.SetLastWriteTimeUtc(file, time.UtcDateTime);
            File.SetLastAccessTimeUtc(file, time.UtcDateTime);
        }
    }
}
