using System.IO.Pipelines;
using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Processes;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Docker;

/// <summary>Where one output of a command goes. A pipe that nobody reads holds the command up, as a real one does.</summary>
internal sealed class ExecSink
{
    private const int DuplicateCloseOnExec = 1030;

    private readonly Pipe? _pipe;
    private readonly FileStream? _file;
    private readonly ExecSink? _same;

    private ExecSink(Pipe? pipe, FileStream? file, ExecSink? same)
    {
        (_pipe, _file, _same) = (pipe, file, same);
        Stream = pipe?.Reader.AsStream();
    }

    /// <summary>For the reader; null where there is none.</summary>
    public Stream? Stream { get; }

    public static ExecSink For(ChildStream stream, ExecSink? output) => stream switch
    {
        ChildStream.Piped => new ExecSink(new Pipe(), null, null),
        ChildStream.Given => new ExecSink(null, Open(stream, 0, FileAccess.Write), null),
        ChildStream.Inherited => new ExecSink(null, Open(stream, output is null ? 1 : 2, FileAccess.Write), null),
        ChildStream.SameAsOutput => new ExecSink(null, null, output),
        _ => new ExecSink(null, null, null),
    };

    /// <summary>A descriptor of ours beside the caller's, which stays the caller's to close.</summary>
    public static FileStream Open(ChildStream stream, int inherited, FileAccess access)
    {
        var source = stream is ChildStream.Given given ? (int)given.Descriptor.DangerousGetHandle() : inherited;
        var duplicate = Libc.fcntl(source, DuplicateCloseOnExec, 3);
        return duplicate >= 0
            ? new FileStream(new SafeFileHandle(duplicate, ownsHandle: true), access, bufferSize: 0)
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
            await _file.WriteAsync(bytes, ct);
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
            await _file.DisposeAsync();
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
