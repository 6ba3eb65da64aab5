using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Mail.Outgoing.Queue;

/// <summary>syncfs(2), which .NET does not have: whatever was written to a file system before is on its disk when it returns.</summary>
internal static class FileSystems
{
    private const int ReadOnlyAndCloseOnExec = 0x80000;

    /// <param name="folder">Any folder of the file system.</param>
    /// <exception cref="IOException">The disk refuses: something written before may be lost.</exception>
    public static void Flush(string folder)
    {
        using var handle = new SafeFileHandle(Open(System.Text.Encoding.UTF8.GetBytes(folder + '\0'), ReadOnlyAndCloseOnExec), ownsHandle: true);
        if (handle.IsInvalid || SyncFileSystem(handle) != 0)
        {
            throw new IOException($"{folder} cannot be flushed: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern nint Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static extern int SyncFileSystem(SafeFileHandle handle);
}
