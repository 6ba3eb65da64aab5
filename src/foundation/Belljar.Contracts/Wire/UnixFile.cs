using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace Belljar.Contracts.Wire;

/// <summary>What .NET does not tell or change about a file.</summary>
internal static class UnixFile
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint TypeModeAndOwner = 0x1 | 0x2 | 0x8 | 0x10;
    private const int TypeMask = 0xF000;
    private const int SocketType = 0xC000;
    private const int NoSuchFile = 2;

    /// <summary>Null when there is no such file. A symbolic link is looked at itself.</summary>
    /// <exception cref="Win32Exception">It may not be looked at.</exception>
    public static (bool IsSocket, uint Group)? Look(string path)
    {
        // statx(2): its record is the same on every architecture. stx_gid is at 24, stx_mode at 28.
        var record = new byte[256];
        if (StatX(CurrentFolder, Terminated(path), NoFollow, TypeModeAndOwner, record) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error == NoSuchFile ? null : throw new Win32Exception(error);
        }

        var mode = BitConverter.ToUInt16(record, 28);
        return ((mode & TypeMask) == SocketType, BitConverter.ToUInt32(record, 24));
    }

    /// <exception cref="Win32Exception">This process may not give it to that group.</exception>
    public static void SetGroup(string path, uint group)
    {
        if (ChangeOwner(Terminated(path), uint.MaxValue, group) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    private static byte[] Terminated(string path) => Encoding.UTF8.GetBytes(path + "\0");

    [SuppressMessage("Interoperability", "SYSLIB1054", Justification = "LibraryImport generates unsafe code, which is off here.")]
    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int folder, byte[] path, int flags, uint mask, byte[] record);

    [SuppressMessage("Interoperability", "SYSLIB1054", Justification = "LibraryImport generates unsafe code, which is off here.")]
    [DllImport("libc", EntryPoint = "lchown", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ChangeOwner(byte[] path, uint user, uint group);
}
