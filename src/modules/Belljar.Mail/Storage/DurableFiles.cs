using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Mail.Storage;

/// <summary>Files that are wholly there or not at all, also after the power went.</summary>
internal static class DurableFiles
{
    private const UnixFileMode FileMode0640 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
    private const UnixFileMode FolderMode0750 =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    private const int ReadOnlyAndCloseOnExec = 0x80000;
    private const int WriteNewAndCloseOnExec = 0x80000 | 0x80 | 0x40 | 0x1;
    private const int Mode0640 = 0x1A0;
    private const int CurrentFolder = -100;
    private const uint NoReplace = 1;
    private const int AlreadyExists = 17;

    /// <summary>Writes a new file and waits until its content is on the disk. Its name is not yet: see <see cref="SyncFolder"/>.</summary>
    public static void Write(string path, params IReadOnlyList<ReadOnlyMemory<byte>> content)
    {
        using var file = Create(path, content);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Writes a new file; its content is with the kernel, and on the disk when that likes.</summary>
    public static void WriteUnsynced(string path, params IReadOnlyList<ReadOnlyMemory<byte>> content) => Create(path, content).Dispose();

    /// <summary>Gives a file or folder its name in one step, never in another's place.</summary>
    /// <exception cref="IOException">The name is taken, or the disk refuses.</exception>
    public static void Rename(string from, string to)
    {
        if (RenameAt(CurrentFolder, Terminated(from), CurrentFolder, Terminated(to), NoReplace) == 0)
        {
            return;
        }

        var error = Marshal.GetLastPInvokeError();
        throw new IOException(error == AlreadyExists ? $"{to} exists already" : $"{from} cannot be renamed to {to}: {new Win32Exception(error).Message}");
    }

    /// <summary>Waits until everything that was written to the disk that the folder lies on is on it.</summary>
    public static void SyncFileSystem(SafeFileHandle folder)
    {
        if (SyncAll(folder) != 0)
        {
            throw new IOException($"the file system cannot be synced: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }

    /// <summary>Waits until the folder's names are on the disk: a rename is durable only then (fsync(2)).</summary>
    public static void SyncFolder(string path)
    {
        using var folder = OpenFolder(path);
        RandomAccess.FlushToDisk(folder);
    }

    public static void CreateFolder(string path)
    {
        Directory.CreateDirectory(path, FolderMode0750);
        using var folder = OpenFolder(path);
        FolderOwner.Give(folder, path);
    }

    /// <summary>Creates a folder that must still be there after a crash.</summary>
    public static void CreateDurableFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            CreateFolder(path);
            SyncFolder(Path.GetDirectoryName(path)!);
        }
    }

    public static SafeFileHandle OpenFolder(string path) => OpenOrThrow(path, ReadOnlyAndCloseOnExec);

    /// <summary>No other process gets the new name, so the runtime's own way, which also locks the file, is not needed.</summary>
    private static SafeFileHandle Create(string path, IReadOnlyList<ReadOnlyMemory<byte>> content)
    {
        var file = OpenOrThrow(path, WriteNewAndCloseOnExec);
        try
        {
            File.SetUnixFileMode(file, FileMode0640);
            FolderOwner.Give(file, path);
            RandomAccess.Write(file, content, 0);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static SafeFileHandle OpenOrThrow(string path, int flags)
    {
        var opened = new SafeFileHandle(Open(Terminated(path), flags, Mode0640), ownsHandle: true);
        return opened.IsInvalid
            ? throw new IOException($"{path} cannot be opened: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}")
            : opened;
    }

    private static byte[] Terminated(string path) => Encoding.UTF8.GetBytes(path + '\0');

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern nint Open(byte[] path, int flags, int mode);

    [DllImport("libc", EntryPoint = "renameat2", SetLastError = true)]
    private static extern int RenameAt(int fromFolder, byte[] from, int toFolder, byte[] to, uint flags);

    [DllImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static extern int SyncAll(SafeFileHandle folder);
}
