using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Belljar.Mail.Storage;

/// <summary>
/// A POSIX access control list as the kernel keeps it in an extended attribute (acl(5); linux/posix_acl_xattr.h): a version,
/// then entries of tag, permissions and id, sorted. Beside owner, group and others it names users.
/// </summary>
internal static class PosixAcl
{
    public const string Access = "system.posix_acl_access";

    /// <summary>What is made in a folder gets this one.</summary>
    public const string Default = "system.posix_acl_default";

    public const ushort Read = 4;
    public const ushort Execute = 1;

    private const uint Version = 2;
    private const uint NoId = 0xFFFFFFFF;
    private const int EntryLength = 8;
    private const int NoSuchAttribute = 61;

    private enum Tag : ushort
    {
        Owner = 0x01,
        User = 0x02,
        Group = 0x04,
        Mask = 0x10,
        Other = 0x20,
    }

    /// <summary>The list for a file's mode and the named users.</summary>
    /// <param name="mode">Its group bits are the mask too: no named user may do more than the group.</param>
    /// <param name="permissions">Of each of the users.</param>
    public static byte[] Of(UnixFileMode mode, ushort permissions, IEnumerable<uint> users)
    {
        var bits = (ushort)mode;
        (Tag Tag, ushort Permissions, uint Id)[] entries =
        [
            (Tag.Owner, (ushort)((bits >> 6) & 7), NoId),
            .. users.Distinct().Order().Select(user => (Tag.User, permissions, user)),
            (Tag.Group, (ushort)((bits >> 3) & 7), NoId),
            (Tag.Mask, (ushort)((bits >> 3) & 7), NoId),
            (Tag.Other, (ushort)(bits & 7), NoId),
        ];
        var bytes = new byte[sizeof(uint) + (entries.Length * EntryLength)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Version);
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = bytes.AsSpan(sizeof(uint) + (i * EntryLength));
            BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], entries[i].Permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], entries[i].Id);
        }

        return bytes;
    }

    /// <returns>Empty where there is none.</returns>
    public static byte[] Get(string path, string attribute)
    {
        var buffer = new byte[4096];
        var length = GetXattr(Path(path), Path(attribute), buffer, (nuint)buffer.Length);
        return length < 0 ? [] : buffer[..(int)length];
    }

    /// <exception cref="IOException">The file system has no such lists, or it is not ours to change.</exception>
    public static void Set(string path, string attribute, byte[] acl)
    {
        if (SetXattr(Path(path), Path(attribute), acl, (nuint)acl.Length, 0) != 0)
        {
            throw Failure(path);
        }
    }

    /// <exception cref="IOException">It is not ours to change.</exception>
    public static void Remove(string path, string attribute)
    {
        if (RemoveXattr(Path(path), Path(attribute)) != 0 && Marshal.GetLastPInvokeError() != NoSuchAttribute)
        {
            throw Failure(path);
        }
    }

    private static IOException Failure(string path) => new($"{path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    private static byte[] Path(string text) => Encoding.UTF8.GetBytes(text + '\0');

    [DllImport("libc", EntryPoint = "getxattr", SetLastError = true)]
    private static extern nint GetXattr(byte[] path, byte[] name, byte[] value, nuint size);

    [DllImport("libc", EntryPoint = "setxattr", SetLastError = true)]
    private static extern int SetXattr(byte[] path, byte[] name, byte[] value, nuint size, int flags);

    [DllImport("libc", EntryPoint = "removexattr", SetLastError = true)]
    private static extern int RemoveXattr(byte[] path, byte[] name);
}
