using Belljar.Sandboxes.Files;
using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Processes;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Oci;

/// <summary>
/// A file system of a fixed size in a file, for the writable layers of a sandbox whose disk is limited. It is mounted where
/// the layers are wanted, never on the host; callers at the same time share one loop device, and so one file system.
/// </summary>
internal static class DiskImage
{
    public const long Smallest = 16 << 20;

    private const int ReadWrite = 0x2;
    private const int LockAlone = 2;
    private static readonly TimeSpan LongestLettingGo = TimeSpan.FromSeconds(30);
    private static readonly RunLimits Limits = RunLimits.Default with { Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>Makes one; its space is taken from the disk as it is written to.</summary>
    /// <exception cref="SandboxException">The tool is missing or failed.</exception>
    public static async Task MakeAsync(string path, long bytes, CancellationToken ct)
    {
        if (ProgramPath.Find("mkfs.ext4") is not { } program)
        {
            throw new SandboxException("there is no mkfs.ext4 (Debian: apt install e2fsprogs).");
        }

        await using (var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = (UnixFileMode)0x180 }))
        {
            file.SetLength(bytes);
        }

        var made = await ChildProcess.RunAsync(
            new ChildSpec(program, "-q", "-F", "-m", "0", "-J", "size=4", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", path), Limits, ct);
        if (!made.Succeeded)
        {
            throw new SandboxException($"mkfs.ext4 failed: {made.ErrorText.Split('\n')[0].Trim()}");
        }
    }

    /// <summary>Mounts it on a folder; in a mount namespace of the calling thread's own.</summary>
    /// <exception cref="NativeException">There is no loop device to have, or the mount is refused.</exception>
    public static void Mount(string path, string folder)
    {
        using var file = Open(path);
        SandboxTree.Check(Libc.flock(file, LockAlone), $"locking {path}"); // Let go with the descriptor.
        using var device = LoopDevice.Of(file) ?? LoopDevice.Attach(file);
        using var mount = MountCalls.Make("ext4", MountCalls.NoSuid | MountCalls.NoDevices, ("source", device.Path));
        using var place = HostFolder.Open(folder, pathOnly: true);
        MountCalls.Attach(mount, place);
    }

    /// <summary>Completes when nothing has it mounted any more, so that the file holds all that was written.</summary>
    /// <exception cref="SandboxException">Something keeps it.</exception>
    public static async Task LetGoAsync(string path, CancellationToken ct)
    {
        using var file = Open(path);
        for (var started = TimeProvider.System.GetTimestamp(); LoopDevice.IsAttached(file);)
        {
            if (TimeProvider.System.GetElapsedTime(started) > LongestLettingGo)
            {
                throw new SandboxException($"{path} is still mounted somewhere.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, ct);
        }
    }

    private static SafeFileHandle Open(string path)
    {
        var descriptor = Libc.open(path, ReadWrite | SandboxTree.CloseOnExec, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw NativeException.Last($"opening {path}");
    }
}
