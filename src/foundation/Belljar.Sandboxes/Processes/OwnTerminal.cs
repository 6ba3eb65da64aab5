using Belljar.Sandboxes.Native;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Processes;

/// <summary>The terminal that this process itself was started on.</summary>
public static unsafe class OwnTerminal
{
    private const nuint GetWindowSize = 0x5413;
    private const int LongestSettings = 256; // struct termios has 60 bytes where we run.
    private const int WhenWritten = 1; // TCSADRAIN

    /// <returns>Null when standard input is no terminal.</returns>
    public static TerminalSize? Size()
    {
        using var input = Input();
        var window = stackalloc ushort[4];
        return Libc.ioctl(input, GetWindowSize, window) == 0 ? new TerminalSize(window[1], window[0]) : null;
    }

    /// <summary>Gives every key as it is, without echo and signals, until disposed.</summary>
    /// <returns>Null when standard input is no terminal.</returns>
    public static IDisposable? MakeRaw()
    {
        using var input = Input();
        var settings = new byte[LongestSettings];
        fixed (byte* before = settings)
        {
            if (Libc.tcgetattr(input, before) != 0)
            {
                return null;
            }
        }

        var raw = (byte[])settings.Clone();
        fixed (byte* changed = raw)
        {
            Libc.cfmakeraw(changed);
        }

        Set(raw);
        return new Restoration(settings);
    }

    /// <summary>The bytes of a standard stream as they are: .NET's own streams edit lines, and set the terminal as they like it.</summary>
    public static Stream Open(int number, FileAccess access) => new FileStream(new SafeFileHandle(number, ownsHandle: false), access, bufferSize: 0);

    private static void Set(byte[] settings)
    {
        using var input = Input();
        fixed (byte* text = settings)
        {
            if (Libc.tcsetattr(input, WhenWritten, text) != 0)
            {
                throw NativeException.Last("setting the terminal");
            }
        }
    }

    private static SafeFileHandle Input() => new(0, ownsHandle: false);

    private sealed class Restoration(byte[] settings) : IDisposable
    {
        public void Dispose() => Set(settings);
    }
}
