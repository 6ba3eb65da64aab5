using System.Text;

namespace Belljar.Decoys.Tests.Http;

/// <summary>A visitor's side of a connection: what he sends is given, what he receives is kept.</summary>
internal sealed class ScriptedStream(IEnumerable<byte[]> pieces, bool ends) : Stream
{
    private readonly Queue<byte[]> _pieces = new(pieces.Where(piece => piece.Length > 0));
    private readonly MemoryStream _written = new();
    private TaskCompletionSource? _never;
    private TaskCompletionSource _waits = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Written => Encoding.Latin1.GetString(_written.ToArray());

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <returns>True when the server waits for more than there is; false when it ended.</returns>
    public async Task<bool> WaitsOrAsync(Task running)
    {
        await Task.WhenAny(_waits.Task, running);
        return !running.IsCompleted;
    }

    /// <summary>The next wait will be a new one.</summary>
    public void Forget() => _waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A read is under way that nothing has interrupted.</summary>
    public bool IsWaiting => _never is { Task.IsCompleted: false };

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_pieces.TryDequeue(out var piece))
        {
            var count = Math.Min(piece.Length, buffer.Length);
            piece.AsMemory(0, count).CopyTo(buffer);
            if (count < piece.Length)
            {
                Requeue(piece[count..]);
            }

            return count;
        }

        if (ends)
        {
            return 0;
        }

        _never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellationToken.Register(() => _never.TrySetCanceled());
        _waits.TrySetResult();
        await _never.Task;
        return 0;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _written.Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Requeue(byte[] rest)
    {
        var later = _pieces.ToArray();
        _pieces.Clear();
        foreach (var piece in later.Prepend(rest))
        {
            _pieces.Enqueue(piece);
        }
    }
}
