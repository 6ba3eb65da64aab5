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

    /// <summary>Writes a new file and waits until its content is on the disk. Its name is not yet: see <see cref="SyncFolder"/>.</summary>
    public static void Write(string path, params IReadOnlyList<ReadOnlyMemory<byte>> content)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None);
        File.SetUnixFileMode(file, FileMode0640);
        FolderOwner.Give(file, path);
        RandomAccess.Write(file, content, 0);
        RandomAccess.FlushToDisk(file);
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

    private static SafeFileHandle OpenFolder(string path)
    {
        var folder = new SafeFileHandle(Open(Encoding.UTF8.GetBytes(path + '\0'), ReadOnlyAndCloseOnExec), ownsHandle: true);
        return folder.IsInvalid
            ? throw new IOException($"{path} cannot be opened: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}")
            : folder;
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern nint Open(byte[] path, int flags);
}
