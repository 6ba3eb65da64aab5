using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Mail.Storage;

/// <summary>
/// What root makes in a mailbox (<c>belljar mail import</c>) belongs to whom the mailbox belongs to: the worker is not root
/// and would not be able to read it.
/// </summary>
internal static class FolderOwner
{
    private const int CurrentFolder = -100;
    private const uint UserAndGroup = 0x8 | 0x10;

    /// <returns>The user's number; null when there is no such file.</returns>
    public static int? Of(string path)
    {
        var status = new byte[256];
        return StatX(CurrentFolder, Encoding.UTF8.GetBytes(path + '\0'), 0, UserAndGroup, status) == 0
            ? BinaryPrimitives.ReadInt32LittleEndian(status.AsSpan(20))
            : null;
    }

    /// <param name="made">An open file or folder, so that nobody can put another in its place meanwhile.</param>
    /// <param name="path">Where it was made.</param>
    public static void Give(SafeFileHandle made, string path)
    {
        var status = new byte[256];
        if (!Environment.IsPrivilegedProcess
            || StatX(CurrentFolder, Encoding.UTF8.GetBytes(Path.GetDirectoryName(path) + '\0'), 0, UserAndGroup, status) != 0)
        {
            return;
        }

        var user = BinaryPrimitives.ReadInt32LittleEndian(status.AsSpan(20));
        var group = BinaryPrimitives.ReadInt32LittleEndian(status.AsSpan(24));
        if (user != 0 && ChangeOwner(made, user, group) != 0)
        {
            throw new IOException($"{path} could not be given to the owner of its folder.");
        }
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static extern int StatX(int folder, byte[] path, int flags, uint mask, byte[] status);

    [DllImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static extern int ChangeOwner(SafeFileHandle file, int user, int group);
}
