using System.Runtime.InteropServices;
using System.Text;
using Belljar.Sandboxes.Native;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Processes;

/// <summary>The size of a terminal in characters.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TerminalSize(ushort Columns, ushort Rows);

/// <summary>A pseudo-terminal pair: this side holds the master, a child gets the other as its controlling terminal.</summary>
public sealed unsafe class PseudoTerminal : IDisposable
{
    private const int OpenFlags = 0x2 | 0x100 | 0x80000 | 0x800; // O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK
    private const nuint SetWindowSize = 0x5414;

    private readonly SafeFileHandle _master;
    private readonly TerminalStream _stream;

    private PseudoTerminal(SafeFileHandle master, string path)
    {
        _master = master;
        Path = path;
        _stream = new TerminalStream(master);
    }

    /// <summary>What the child writes, and what it reads as typed. Reading gives 0 when no one has the other side open any more.</summary>
    public Stream Stream => _stream;

    /// <summary>The other side: <c>/dev/pts/N</c>.</summary>
    public string Path { get; }

    public static PseudoTerminal Open(TerminalSize size)
    {
        var descriptor = Libc.posix_openpt(OpenFlags);
        if (descriptor < 0)
        {
            throw NativeException.Last("posix_openpt");
        }

        var master = new SafeFileHandle(descriptor, ownsHandle: true);
        var name = stackalloc byte[64];
        if (Libc.grantpt(master) != 0 || Libc.unlockpt(master) != 0 || Libc.ptsname_r(master, name, 64) != 0)
        {
            master.Dispose();
            throw NativeException.Last("unlocking a pseudo-terminal");
        }

        var terminal = new PseudoTerminal(master, Encoding.ASCII.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)));
        terminal.Resize(size);
        return terminal;
    }

    /// <summary>Sets the size; the foreground process gets SIGWINCH.</summary>
    public void Resize(TerminalSize size)
    {
        var window = stackalloc ushort[] { size.Rows, size.Columns, 0, 0 };
        if (Libc.ioctl(_master, SetWindowSize, window) != 0)
        {
            throw NativeException.Last("TIOCSWINSZ");
        }
    }

    public void Dispose() => _stream.Dispose();
}
