using System.Buffers;
using System.Net.Sockets;

namespace Belljar.Egress.Gate.Http2;

/// <summary>
/// What a stream's frames brought, on its way from the connection that reads them to the lane that takes it. Two buffers
/// that change places: one is filled while the other is read. Bounded by the window that the peer was given.
/// </summary>
internal sealed class LaneInput
{
    private readonly Lock _lock = new();
    private byte[] _filling = [];
    private int _filled;
    private byte[] _reading = [];
    private int _start;
    private int _end;
    private int _owed;
    private bool _isGone;
    private TaskCompletionSource? _arrival;

    public ReadOnlyMemory<byte> Available => _reading.AsMemory(_start, _end - _start);

    /// <summary>Nothing is there and nothing is on its way.</summary>
    public bool IsDry
    {
        get
        {
            lock (_lock)
            {
                return _filled == 0 && _start == _end;
            }
        }
    }

    public void Consume(int count) => _start += count;

    /// <param name="cost">What these bytes took of the peer's window: less than them where they were framed, more where they were padded.</param>
    public void Append(ReadOnlySpan<byte> bytes, int cost)
    {
        lock (_lock)
        {
            if (_filled + bytes.Length > _filling.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_filled + bytes.Length, Math.Max(_filling.Length * 2, 1024)));
                _filling.AsSpan(0, _filled).CopyTo(larger);
                Return(_filling);
                _filling = larger;
            }

            bytes.CopyTo(_filling.AsSpan(_filled));
            _filled += bytes.Length;
            _owed += cost;
            Arrive();
        }
    }

    /// <summary>Waits for more behind what is there.</summary>
    /// <returns>What the bytes that were taken over cost the peer.</returns>
    /// <exception cref="SocketException">There will be no more: the stream was given up.</exception>
    public async ValueTask<int> FillAsync(CancellationToken ct)
    {
        while (true)
        {
            Task arrival;
            lock (_lock)
            {
                if (_isGone)
                {
                    throw new SocketException((int)SocketError.ConnectionReset);
                }

                if (_filled > 0)
                {
                    Turn();
                    var cost = _owed;
                    _owed = 0;
                    return cost;
                }

                arrival = (_arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await arrival.WaitAsync(ct);
        }
    }

    /// <summary>Waits without a buffer. Only when all was consumed.</summary>
    /// <exception cref="SocketException">There will be no more.</exception>
    public async ValueTask WaitAsync()
    {
        Task arrival;
        lock (_lock)
        {
            Return(_reading);
            (_reading, _start, _end) = ([], 0, 0);
            if (_isGone)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            if (_filled > 0)
            {
                return;
            }

            arrival = (_arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        await arrival;
    }

    /// <summary>From any thread: nothing more is taken.</summary>
    /// <returns>What the bytes that nobody took cost the peer.</returns>
    public int GiveUp()
    {
        lock (_lock)
        {
            _isGone = true;
            var cost = _owed;
            Return(_filling);
            (_filling, _filled, _owed) = ([], 0, 0);
            Arrive();
            return cost;
        }
    }

    private void Turn()
    {
        if (_start == _end)
        {
            (_reading, _filling) = (_filling, _reading);
            (_start, _end, _filled) = (0, _filled, 0);
            return;
        }

        var (left, all) = (_end - _start, _end - _start + _filled);
        var joined = ArrayPool<byte>.Shared.Rent(all);
        _reading.AsSpan(_start, left).CopyTo(joined);
        _filling.AsSpan(0, _filled).CopyTo(joined.AsSpan(left));
        Return(_reading);
        (_reading, _start, _end, _filled) = (joined, 0, all, 0);
    }

    private void Arrive()
    {
        _arrival?.TrySetResult();
        _arrival = null;
    }

    private static void Return(byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
