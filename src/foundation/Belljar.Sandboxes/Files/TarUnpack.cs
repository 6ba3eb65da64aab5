using System.Formats.Tar;
using System.Globalization;
using Belljar.Sandboxes.Native;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Files;

/// <summary>
/// Unpacks tar streams into a tree. What they say is not trusted: every path is resolved inside the tree, links are made
/// but never left it by, devices are passed over, and there are bounds.
/// </summary>
/// <param name="owner">Gives the owner on disk for the numbers in the archive.</param>
internal sealed class TarUnpack(SandboxTree tree, Func<int, int, (uint User, uint Group)> owner, TarLimits limits)
{
    private const string Whiteout = ".wh.";
    private const string Opaque = ".wh..wh..opq";

    private int _files;
    private int _folders;
    private int _links;
    private int _skipped;
    private long _bytes;

    public SandboxCopy Done => new(_files, _folders, _links, _skipped, _bytes);

    /// <param name="whiteouts">The stream is a layer over what is there: names that begin with <c>.wh.</c> remove.</param>
    /// <param name="below">Null: all; else only what lies below this name, which is left off.</param>
    public void Unpack(Stream stream, bool whiteouts, string? below, CancellationToken ct)
    {
        using var reader = new TarReader(stream, leaveOpen: true);
        try
        {
            while (reader.GetNextEntry() is { } entry)
            {
                ct.ThrowIfCancellationRequested();
                if (_files + _folders + _links + _skipped >= limits.MostEntries)
                {
                    throw new SandboxException($"The archive has more than {limits.MostEntries} entries.");
                }

                if (PartsOf(entry.Name, below) is { } parts)
                {
                    UnpackEntry(entry, parts, whiteouts, below);
                }
            }
        }
        catch (Exception error) when (error is InvalidDataException or FormatException or EndOfStreamException)
        {
            throw new SandboxException($"This is not a readable tar archive: {error.Message}", error);
        }
        catch (NativeException error)
        {
            throw new SandboxException($"The archive cannot be unpacked here: {error.Message}", error);
        }
    }

    /// <returns>Null for what is not below the wanted name.</returns>
    private static string[]? PartsOf(string name, string? below)
    {
        string[] parts = [.. name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".")];
        if (parts.Contains("..") || name.Contains('\0'))
        {
            throw new SandboxException("The archive has a name with '..': it is refused as a whole.");
        }

        return below is null ? parts : parts.Length > 0 && parts[0] == below ? parts[1..] : null;
    }

    private void UnpackEntry(TarEntry entry, string[] parts, bool whiteouts, string? below)
    {
        if (parts is not [.. var above, var name])
        {
            return; // The root itself.
        }

        var (user, group) = owner(entry.Uid, entry.Gid);
        var (rootUser, rootGroup) = owner(0, 0);
        using var folder = tree.Folders("/" + string.Join('/', above), rootUser, rootGroup);
        if (whiteouts && name.StartsWith(Whiteout, StringComparison.Ordinal))
        {
            Erase(folder, name);
            return;
        }

        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                MakeFolder(folder, name, entry, user, group);
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                WriteFile(folder, name, entry, user, group);
                break;
            case TarEntryType.SymbolicLink:
                TreeRemoval.Remove(folder, name);
                SandboxTree.Check(Libc.symlinkat(entry.LinkName, folder, name), $"making the link {name}");
                SandboxTree.Check(Libc.fchownat(folder, name, user, group, 0x100), $"owning the link {name}");
                _links++;
                break;
            case TarEntryType.HardLink:
                LinkHard(folder, name, entry, below);
                break;
            default:
                _skipped++; // Devices, pipes.
                break;
        }
    }

    private static void Erase(SafeFileHandle folder, string name)
    {
        if (name != Opaque)
        {
            TreeRemoval.Remove(folder, name[Whiteout.Length..]);
            return;
        }

        using var readable = Open(folder, ".");
        TreeRemoval.Empty(readable);
    }

    private void MakeFolder(SafeFileHandle above, string name, TarEntry entry, uint user, uint group)
    {
        if (FileStatus.Of(above, name) is { IsFolder: false })
        {
            TreeRemoval.Remove(above, name);
        }

        using var path = SandboxTree.MakeFolder(above, name, user, group);
        using var folder = Open(path, ".");
        SandboxFiles.Finish(folder, user, group, entry.Mode & limits.Modes, Time(entry));
        _folders++;
    }

    private void WriteFile(SafeFileHandle above, string name, TarEntry entry, uint user, uint group)
    {
        if (_bytes + entry.Length > limits.MostBytes)
        {
            throw new SandboxException($"The tree is larger than {limits.MostBytes.ToString(CultureInfo.InvariantCulture)} bytes.");
        }

        TreeRemoval.Remove(above, name);
        using var file = SandboxFiles.Create(above, name);
        if (entry.DataStream is { } data)
        {
            var buffer = new byte[128 * 1024];
            long at = 0;
            int count;
            while ((count = data.Read(buffer)) > 0)
            {
                RandomAccess.Write(file, buffer.AsSpan(0, count), at);
                at += count;
            }

            _bytes += at;
        }

        SandboxFiles.Finish(file, user, group, entry.Mode & limits.Modes, Time(entry));
        _files++;
    }

    private void LinkHard(SafeFileHandle folder, string name, TarEntry entry, string? below)
    {
        const int FollowLink = 0x400;
        var target = PartsOf(entry.LinkName, below) ?? throw new SandboxException("The archive links to a file outside of it.");
        using var file = tree.TryOpen(string.Join('/', target), SandboxTree.OpenPath | SandboxTree.DoNotFollow)
            ?? throw new SandboxException($"The archive links {name} to a file that it does not have.");
        TreeRemoval.Remove(folder, name);
        SandboxTree.Check(Libc.linkat(-100, $"/proc/self/fd/{file.DangerousGetHandle()}", folder, name, FollowLink), $"linking {name}");
        _links++;
    }

    private static DateTimeOffset? Time(TarEntry entry) =>
        entry.ModificationTime < DateTimeOffset.UnixEpoch || entry.ModificationTime.Year > 2400 ? null : entry.ModificationTime;

    private static SafeFileHandle Open(SafeFileHandle above, string name)
    {
        var descriptor = Libc.openat(above, name, SandboxTree.Folder | SandboxTree.DoNotFollow | SandboxTree.CloseOnExec, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw NativeException.Last($"opening {name}");
    }
}

/// <param name="Modes">Mode bits that are kept.</param>
internal sealed record TarLimits(long MostBytes, UnixFileMode Modes, int MostEntries = 2_000_000)
{
    public static readonly UnixFileMode AllModes = (UnixFileMode)0xFFF;

    public static readonly UnixFileMode PlainModes = (UnixFileMode)0x1FF;
}
