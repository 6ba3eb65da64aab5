namespace Belljar.Mail.Storage;

/// <summary>
/// Lets a mailbox's owner read it with <c>cat</c> and <c>grep</c>, and nobody else: an access control list on its folders,
/// which every new file inherits, and the way there. Writing goes through us.
/// </summary>
internal static class OwnerAccess
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
    private const UnixFileMode FolderMode = FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;

    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };

    /// <summary>Lets the owners pass through a folder that none of them may list.</summary>
    /// <exception cref="IOException">The file system has no access control lists.</exception>
    public static void Pass(string folder, IReadOnlyCollection<uint> owners) => Apply(folder, owners, PosixAcl.Execute, isInherited: false);

    /// <summary>The owner of one mailbox, or nobody: what was granted to another before is taken back.</summary>
    /// <exception cref="IOException">The file system has no access control lists, or some files are not ours; the others are done.</exception>
    public static void Grant(string mailboxFolder, uint? owner)
    {
        uint[] owners = owner is { } user ? [user] : [];
        var wanted = owners is [] ? [] : PosixAcl.Of(FolderMode, PosixAcl.Read | PosixAcl.Execute, owners);
        if (PosixAcl.Get(mailboxFolder, PosixAcl.Default).AsSpan().SequenceEqual(wanted))
        {
            return;
        }

        // What is there already, then the folder itself: killed in between, the next start finds the old list and does it again.
        Exception? failure = null;
        foreach (var entry in new DirectoryInfo(mailboxFolder).EnumerateFileSystemInfos("*", Everything).Where(entry => entry.LinkTarget is null))
        {
            try
            {
                Apply(entry.FullName, owners, PosixAcl.Read | (entry is DirectoryInfo ? PosixAcl.Execute : 0), isInherited: entry is DirectoryInfo);
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
            {
                // Somebody put it there by hand and owns it: one file is no reason to leave out the others.
                failure ??= failed;
            }
        }

        Apply(mailboxFolder, owners, PosixAcl.Read | PosixAcl.Execute, isInherited: true);
        if (failure is not null)
        {
            throw new IOException($"not everything in {mailboxFolder} could be changed: {failure.Message}", failure);
        }
    }

    private static void Apply(string path, IReadOnlyCollection<uint> owners, int permissions, bool isInherited)
    {
        var mode = Directory.Exists(path) ? FolderMode : FileMode;
        if (owners.Count == 0)
        {
            PosixAcl.Remove(path, PosixAcl.Access);
            File.SetUnixFileMode(path, mode);
        }
        else
        {
            PosixAcl.Set(path, PosixAcl.Access, PosixAcl.Of(mode, (ushort)permissions, owners));
        }

        if (isInherited && owners.Count == 0)
        {
            PosixAcl.Remove(path, PosixAcl.Default);
        }
        else if (isInherited)
        {
            PosixAcl.Set(path, PosixAcl.Default, PosixAcl.Of(mode, (ushort)permissions, owners));
        }
    }
}
