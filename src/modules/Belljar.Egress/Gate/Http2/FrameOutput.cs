using System.Buffers;
using System.Net.Sockets;
using Belljar.Protocols.Http2;

namespace Belljar.Egress.Gate.Http2;

/// <summary>
/// Frames on their way out of a connection, from all that write on it. Whoever comes first writes for those who come
/// meanwhile, so that what many streams have to say goes out together. Bodies wait while much is on its way; answers to what
/// the peer's frames ask for never do, and a peer that asks and does not read is given up.
/// </summary>
internal sealed class FrameOutput(IWire wire)
{
    private const int Full = 128 * 1024;
    private const int GiveUp = 1024 * 1024;
    private const int Resting = 16 * 1024;

    private readonly Lock _lock = new();
    private ArrayBufferWriter<byte> _waiting = new(256);
    private ArrayBufferWriter<byte> _going = new(256);
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _flushed;
    private bool _isWriting;
    private bool _isBroken;

    /// <summary>Nothing is on its way.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                return !_isWriting;
            }
        }
    }

    /// <summary>Frames that must go in this order and without others between them.</summary>
    /// <exception cref="SocketException">The connection broke.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> frames, CancellationToken ct)
    {
        while (true)
        {
            Task room;
            lock (_lock)
            {
                ThrowIfBroken();
                if (_waiting.WrittenCount < Full)
                {
                    _waiting.Write(frames.Span);
                    break;
                }

                room = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await room.WaitAsync(ct);
        }

        Start();
    }

    public void Preface(bool isClient, params ReadOnlySpan<(Http2Setting Setting, uint Value)> settings)
    {
        lock (_lock)
        {
            _waiting.Write(isClient ? FrameWriter.Preface : []);
            FrameWriter.Settings(_waiting, settings);
        }

        Start();
    }

    /// <summary>Says why it ends, and ends. Nothing is written after that.</summary>
    public async Task EndAsync(int lastStream, Http2ErrorCode error)
    {
        Post(output => FrameWriter.GoAway(output, lastStream, error));
        while (true)
        {
            Task flushed;
            lock (_lock)
            {
                if (!_isWriting)
                {
                    _isBroken = true;
                    _room?.TrySetResult();
                    break;
                }

                flushed = (_flushed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await flushed;
        }

        await wire.EndSendingAsync();
    }

    public void WindowUpdate(int stream, int increment) => Post(output => FrameWriter.WindowUpdate(output, stream, increment));

    public void RstStream(int stream, Http2ErrorCode error) => Post(output => FrameWriter.RstStream(output, stream, error));

    public void SettingsAck() => Post(FrameWriter.SettingsAck);

    public void PingAck(ReadOnlySpan<byte> payload)
    {
        var copy = payload.ToArray();
        Post(output => FrameWriter.PingAck(output, copy));
    }

    /// <summary>Frames of the gate's own, which wait for nobody.</summary>
    public void Post(ReadOnlyMemory<byte> frames) => Post(output => output.Write(frames.Span));

    private void Post(Action<IBufferWriter<byte>> write)
    {
        lock (_lock)
        {
            if (_isBroken)
            {
                return;
            }

            write(_waiting);
            if (_waiting.WrittenCount > GiveUp)
            {
                _isBroken = true;
                wire.Abort();
                return;
            }
        }

        Start();
    }

    private void Start()
    {
        lock (_lock)
        {
            if (_isWriting || _isBroken)
            {
                return;
            }

            _isWriting = true;
        }

        // It ends by itself: with the last byte, or with the connection.
        _ = WriteAsync();
    }

    private async Task WriteAsync()
    {
        while (TryTurn())
        {
            try
            {
                await wire.SendAsync(_going.WrittenMemory, CancellationToken.None);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                lock (_lock)
                {
                    (_isBroken, _isWriting) = (true, false);
                    _room?.TrySetResult();
                    _flushed?.TrySetResult();
                }

                return;
            }
        }
    }

    /// <returns>Whether there is something to write.</returns>
    private bool TryTurn()
    {
        lock (_lock)
        {
            _isWriting = _waiting.WrittenCount > 0;
            if (!_isWriting && _going.Capacity > Resting)
            {
                // An idle connection holds little.
                (_waiting, _going) = (new ArrayBufferWriter<byte>(256), new ArrayBufferWriter<byte>(256));
            }

            _going.ResetWrittenCount();
            (_waiting, _going) = (_going, _waiting);
            _room?.TrySetResult();
            _room = null;
            if (!_isWriting)
            {
                _flushed?.TrySetResult();
                _flushed = null;
            }

            return _isWriting;
        }
    }

    private void ThrowIfBroken()
    {
        if (_isBroken)
        {
            throw new SocketException((int)SocketError.ConnectionReset);
        }
    }
}
