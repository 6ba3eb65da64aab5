using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Processes;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Docker;

/// <summary>Where one output of a command goes. A pipe that nobody reads holds the command up, as a real one does.</summary>
internal sealed class ExecSink
{
    private const int DuplicateCloseOnExec = 1030;

    private readonly Pipe? _pipe;
    private readonly SafeFileHandle? _file;
    private readonly ExecSink? _same;

    private ExecSink(Pipe? pipe, SafeFileHandle? file, ExecSink? same)
    {
        (_pipe, _file, _same) = (pipe, file, same);
        Stream = pipe?.Reader.AsStream();
    }

    /// <summary>For the reader; null where there is none.</summary>
    public Stream? Stream { get; }

    public static ExecSink For(ChildStream stream, ExecSink? output) => stream switch
    {
        ChildStream.Piped => new ExecSink(new Pipe(), null, null),
        ChildStream.Given => new ExecSink(null, Open(stream, 0), null),
        ChildStream.Inherited => new ExecSink(null, Open(stream, output is null ? 1 : 2), null),
        ChildStream.SameAsOutput => new ExecSink(null, null, output),
        _ => new ExecSink(null, null, null),
    };

    /// <summary>A descriptor of ours beside the caller's, which stays the caller's to close.</summary>
    public static SafeFileHandle Open(ChildStream stream, int inherited)
    {
        var source = stream is ChildStream.Given given ? (int)given.Descriptor.DangerousGetHandle() : inherited;
        var duplicate = Libc.fcntl(source, DuplicateCloseOnExec, 3);
        return duplicate >= 0
            ? new SafeFileHandle(duplicate, ownsHandle: true)
            : throw NativeException.Last("a descriptor for a command");
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if (_same is not null)
        {
            await _same.WriteAsync(bytes, ct);
        }
        else if (_pipe is not null)
        {
            await _pipe.Writer.WriteAsync(bytes, ct);
        }
        else if (_file is not null)
        {
            await Task.Run(() => WriteAll(_file, bytes.Span), ct);
        }
    }

    public async ValueTask CompleteAsync()
    {
        if (_pipe is not null)
        {
            await _pipe.Writer.CompleteAsync();
        }

        if (_file is not null)
        {
            _file.Dispose();
        }
    }

    /// <summary>write(2), since a FileStream would write at a position of its own to a file that others write to.</summary>
    private static unsafe void WriteAll(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            fixed (byte* start = bytes)
            {
                var count = Libc.write(file, start, bytes.Length);
                if (count < 0 && Marshal.GetLastPInvokeError() != Errno.Interrupted)
                {
                    throw NativeException.Last("passing on a command's output");
                }

                bytes = bytes[(int)Math.Max(count, 0)..];
            }
        }
    }

    /// <summary>read(2), for the same reason.</summary>
    public static unsafe int Read(SafeFileHandle file, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return (int)Math.Max(Libc.read(file, start, buffer.Length), 0);
        }
    }

    /// <summary>Nobody reads any more: what comes is dropped.</summary>
    public void Abandon() => _pipe?.Reader.Complete();
}

/// <summary>The input of a command; disposing is its end.</summary>
internal sealed class ExecInput(EngineStream stream) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        stream.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
        // Nothing is held back here.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stream.CloseInput();
        }

        base.Dispose(disposing);
    }
}
