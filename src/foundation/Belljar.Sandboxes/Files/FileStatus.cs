using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Belljar.Sandboxes.Native;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Files;

/// <summary>What statx(2) tells, by descriptor or without following a link.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FileStatus(int RawMode, uint Uid, uint Gid, long Size, DateTimeOffset ModifiedAt)
{
    private const int EmptyPath = 0x1000;
    private const int SymlinkNoFollow = 0x100;
    private const uint Basic = 0x7FF;
    private const int TypeMask = 0xF000;

    public bool IsFile => (RawMode & TypeMask) == 0x8000;

    public bool IsFolder => (RawMode & TypeMask) == 0x4000;

    public bool IsLink => (RawMode & TypeMask) == 0xA000;

    public UnixFileMode Mode => (UnixFileMode)(RawMode & 0xFFF);

    public static FileStatus Of(SafeFileHandle file) => TryOf(file, "", EmptyPath) ?? throw NativeException.Last("statx");

    /// <returns>Null when there is no such entry.</returns>
    public static FileStatus? Of(SafeFileHandle folder, string name) => TryOf(folder, name, SymlinkNoFollow);

    private static unsafe FileStatus? TryOf(SafeFileHandle folder, string name, int flags)
    {
        var raw = stackalloc byte[256];
        if (Libc.statx(folder, name, flags, Basic, raw) != 0)
        {
            return null;
        }

        var fields = new ReadOnlySpan<byte>(raw, 256);
        var seconds = BinaryPrimitives.ReadInt64LittleEndian(fields[112..]);
        var nanoseconds = BinaryPrimitives.ReadUInt32LittleEndian(fields[120..]);
        return new FileStatus(
            BinaryPrimitives.ReadUInt16LittleEndian(fields[28..]),
            BinaryPrimitives.ReadUInt32LittleEndian(fields[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(fields[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(fields[40..]),
            Time(seconds, nanoseconds));
    }

    /// <summary>The inside may set any time, also one that a DateTimeOffset cannot hold.</summary>
    private static DateTimeOffset Time(long seconds, uint nanoseconds) =>
        DateTimeOffset
            .FromUnixTimeSeconds(Math.Clamp(seconds, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds()))
            .AddTicks(seconds >= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? 0 : nanoseconds / 100);
}
