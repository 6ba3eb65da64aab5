using System.Runtime.InteropServices;
using Belljar.Sandboxes.Native;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Processes;

/// <summary>Asynchronous reading and writing of a terminal's master, which .NET has only blocking calls for.</summary>
internal sealed class TerminalStream : Stream
{
    private const int DuplicateCloseOnExec = 1030;

    private readonly SafeFileHandle _forReading;
    private readonly SafeFileHandle _forWriting;

    /// <param name="master">Non-blocking; owned from here on.</param>
    public TerminalStream(SafeFileHandle master)
    {
        _forReading = master;
        // One registration per descriptor: the writer waits on a number of its own.
        var duplicate = Libc.fcntl((int)master.DangerousGetHandle(), DuplicateCloseOnExec, 3);
        if (duplicate < 0)
        {
            throw NativeException.Last("duplicating a terminal");
        }

        _forWriting = new SafeFileHandle(duplicate, ownsHandle: true);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (count, error) = TryRead(buffer.Span);
            switch (error)
            {
                case 0:
                    return count;
                case Errno.InputOutput:
                    return 0; // The other side is closed.
                case Errno.Again:
                    await Readiness.ReadableAsync(_forReading, cancellationToken);
                    break;
                case Errno.Interrupted:
                    break;
                default:
                    throw new NativeException("reading a terminal", error);
            }
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (count, error) = TryWrite(buffer.Span);
            switch (error)
            {
                case 0:
                    buffer = buffer[count..];
                    break;
                case Errno.Again:
                    await Readiness.WritableAsync(_forWriting, cancellationToken);
                    break;
                case Errno.Interrupted:
                    break;
                default:
                    throw new NativeException("writing to a terminal", error);
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
        // Nothing is held back here.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _forReading.Dispose();
        _forWriting.Dispose();
        base.Dispose(disposing);
    }

    private unsafe (int Count, int Error) TryRead(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var count = Libc.read(_forReading, start, buffer.Length);
            return count >= 0 ? ((int)count, 0) : (0, Marshal.GetLastPInvokeError());
        }
    }

    private unsafe (int Count, int Error) TryWrite(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var count = Libc.write(_forWriting, start, buffer.Length);
            return count >= 0 ? ((int)count, 0) : (0, Marshal.GetLastPInvokeError());
        }
    }
}
