using Belljar.Contracts;

namespace Belljar.Store.Spool;

/// <summary>
/// One producer's folder below the root: <c>mail.0197…/00000001.jsonl</c>, beside it <c>mail.0197….lock</c>, locked as
/// long as the producer lives (the kernel drops the lock of a killed one). The lock is there before the folder and goes
/// after it, so a folder whose lock can be taken has no living owner.
/// </summary>
internal sealed class SpoolFolder : IDisposable
{
    private const string LockSuffix = ".lock";
    private const string FileSuffix = ".jsonl";

    /// <summary>The group may take over, files included (setgid): below a setgid root that is the recorder's.</summary>
    private const UnixFileMode Shared = UnixFileMode.SetGroup | UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;

    private readonly FileStream _lock;
    private int _lastNumber;

    private SpoolFolder(string path, int uid, FileStream lockFile)
    {
        Path = path;
        Uid = uid;
        _lock = lockFile;
    }

    public string Path { get; }

    /// <summary>Who owns it, and so who sent what is in it.</summary>
    public int Uid { get; }

    /// <summary>A name that no other producer has or had.</summary>
    public static string NewName(string producer, TimeProvider clock) => $"{producer}.{Guid.CreateVersion7(clock.GetUtcNow()):N}";

    public static SpoolFolder Create(string root, string name)
    {
        Directory.CreateDirectory(root);
        var path = System.IO.Path.Combine(root, name);
        var lockFile = new FileStream(path + LockSuffix, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
        });
        try
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, Shared);
            Posix.SyncDirectory(root);
            return new SpoolFolder(path, Posix.EffectiveUid, lockFile);
        }
        catch
        {
            lockFile.Dispose();
            throw;
        }
    }

    /// <summary>Takes over the folders of dead producers, oldest first. Those that it may not open are left alone.</summary>
    /// <param name="root">The folder of all spools.</param>
    /// <param name="ofUid">Only of this user: whoever sends under its own name must not send another's events. Null for all.</param>
    public static IReadOnlyList<SpoolFolder> Adopt(string root, int? ofUid)
    {
        if (!Directory.Exists(root))
        {
            return [];
        }

        var adopted = new List<SpoolFolder>();

        // Names end in a UUIDv7: that part sorts by time. A folder without one (rejected/) is no producer's; the pattern
        // "*.*" would not tell, it matches everything.
        var folders = Directory.EnumerateDirectories(root).Where(System.IO.Path.HasExtension);
        foreach (var path in folders.OrderBy(System.IO.Path.GetExtension, StringComparer.Ordinal))
        {
            if (Posix.OwnerOf(path) is { IsDirectory: true } owner && (ofUid is null || ofUid == owner.Uid) && TryLock(path) is { } lockFile)
            {
                adopted.Add(new SpoolFolder(path, owner.Uid, lockFile));
            }
        }

        return adopted;
    }

    /// <summary>Its files, in the order in which they were written.</summary>
    public IReadOnlyList<string> Files() =>
        Directory.Exists(Path) ? [.. Directory.EnumerateFiles(Path, "*" + FileSuffix).Order(StringComparer.Ordinal)] : [];

    public string NextFile() => System.IO.Path.Combine(Path, $"{++_lastNumber:D8}{FileSuffix}");

    /// <summary>Removes it when nothing is left in it; gives up the lock in any case.</summary>
    public void Dispose()
    {
        try
        {
            if (Files().Count == 0 && Directory.Exists(Path))
            {
                Directory.Delete(Path);
                File.Delete(Path + LockSuffix);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Something else lies in it: it stays, and the next one looks again.
        }

        _lock.Dispose();
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            // The owner makes the lock first, so a folder without one lost it; reading is enough to lock.
            var file = File.Exists(path + LockSuffix)
                ? new FileStream(path + LockSuffix, FileMode.Open, FileAccess.Read, FileShare.None)
                : new FileStream(path + LockSuffix, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
            if (Directory.Exists(path))
            {
                return file;
            }

            file.Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
