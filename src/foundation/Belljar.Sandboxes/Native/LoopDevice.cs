using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Native;

/// <summary>A file as a block device (loop(4)), kept while this is open or it is mounted, and not longer.</summary>
internal sealed unsafe class LoopDevice : IDisposable
{
    private const int ReadWrite = 0x2 | 0x80000; // O_RDWR | O_CLOEXEC
    private const nuint GetFree = 0x4C82;
    private const nuint Configure = 0x4C0A;
    private const int ConfigurationSize = 304; // struct loop_config
    private const int FlagsAt = 8 + 52; // lo_flags in its struct loop_info64
    private const uint AutoClear = 4;
    private const int Busy = 16;
    private const int Tries = 64;

    private readonly SafeFileHandle _handle;

    private LoopDevice(string path, SafeFileHandle handle)
    {
        (Path, _handle) = (path, handle);
    }

    public string Path { get; }

    public static bool IsAttached(SafeFileHandle file) => Names(PathOf(file)).Any();

    /// <returns>Null when the file is no device now.</returns>
    public static LoopDevice? Of(SafeFileHandle handle)
    {
        var file = PathOf(handle);
        foreach (var name in Names(file))
        {
            var device = new LoopDevice($"/dev/{name}", Open($"/dev/{name}"));
            if (Names(file).Contains(name))
            {
                return device; // Asked after opening: it is not let go of while we have it open.
            }

            device.Dispose();
        }

        return null;
    }

    /// <exception cref="NativeException">This machine gives no loop device.</exception>
    public static LoopDevice Attach(SafeFileHandle file)
    {
        using var control = Open("/dev/loop-control");
        for (var i = 0; i < Tries; i++)
        {
            var number = Libc.ioctl(control, GetFree, null);
            if (number < 0)
            {
                throw NativeException.Last("asking for a loop device");
            }

            var path = $"/dev/loop{number}";
            var device = Open(path);
            if (TryConfigure(device, file))
            {
                return new LoopDevice(path, device);
            }

            device.Dispose(); // Somebody else took this number meanwhile.
        }

        throw new NativeException("attaching a loop device", Busy);
    }

    public void Dispose() => _handle.Dispose();

    private static bool TryConfigure(SafeFileHandle device, SafeFileHandle file)
    {
        var configuration = stackalloc byte[ConfigurationSize];
        var fields = new Span<byte>(configuration, ConfigurationSize);
        fields.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(fields, (uint)file.DangerousGetHandle());
        BinaryPrimitives.WriteUInt32LittleEndian(fields[FlagsAt..], AutoClear);
        return Libc.ioctl(device, Configure, configuration) == 0
            || (Marshal.GetLastPInvokeError() == Busy ? false : throw NativeException.Last("attaching a loop device"));
    }

    /// <summary>As the kernel names it: without links on the way.</summary>
    private static string PathOf(SafeFileHandle file) => new FileInfo($"/proc/self/fd/{file.DangerousGetHandle()}").LinkTarget!;

    private static IEnumerable<string> Names(string file)
    {
        foreach (var folder in Directory.EnumerateDirectories("/sys/block", "loop*"))
        {
            if (Backing($"{folder}/loop/backing_file") == file)
            {
                yield return System.IO.Path.GetFileName(folder);
            }
        }
    }

    private static string? Backing(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).TrimEnd('\n') : null;
        }
        catch (IOException)
        {
            return null; // Let go of at this moment.
        }
    }

    private static SafeFileHandle Open(string path)
    {
        var descriptor = Libc.open(path, ReadWrite, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw NativeException.Last($"opening {path}");
    }
}
