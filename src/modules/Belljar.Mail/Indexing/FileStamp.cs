using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Belljar.Mail.Indexing;

/// <summary>
/// What tells whether a file is still the one that was read: its inode, its size and the time of its last change. That is
/// the kernel's own time (ctime), which nobody sets by hand as <c>touch</c> and <c>cp -p</c> set the other.
/// </summary>
/// <param name="Changed">Nanoseconds since 1970; 0 for "read it again".</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FileStamp(long Inode, long Changed, long Size)
{
    private const int CurrentFolder = -100;
    private const uint InodeSizeAndTimes = 0x100 | 0x200 | 0x80 | 0x40;

    /// <summary>The kernel's file times move in steps of some milliseconds: a second change within one would not show.</summary>
    private static readonly TimeSpan Unsure = TimeSpan.FromMilliseconds(50);

    /// <returns>Null when there is no such file.</returns>
    public static FileStamp? Of(string path)
    {
        var status = new byte[256];
        return StatX(CurrentFolder, Encoding.UTF8.GetBytes(path + '\0'), 0, InodeSizeAndTimes, status) == 0
            ? new FileStamp(Read(status, 32), (Read(status, 96) * 1_000_000_000) + BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(104)), Read(status, 40))
            : null;
    }

    /// <summary>The stamp to remember for a file that was read now: one that changed only just is read once more later.</summary>
    public FileStamp Settled() =>
        Changed > (TimeProvider.System.GetUtcNow() - Unsure - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick ? this with { Changed = 0 } : this;

    /// <summary>The offsets of struct statx are the same on every architecture (linux/stat.h); Belljar's are little-endian.</summary>
    private static long Read(byte[] status, int offset) => BinaryPrimitives.ReadInt64LittleEndian(status.AsSpan(offset));

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static extern int StatX(int folder, byte[] path, int flags, uint mask, byte[] status);
}
