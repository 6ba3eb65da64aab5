using System.Text.Json;
using System.Threading.Channels;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Microsoft.Extensions.Logging;

namespace Belljar.Store.Spool;

/// <summary>
/// A producer's way to the recorder. One loop takes whatever is queued and makes it durable: sent and acknowledged while
/// the recorder answers, else written to the spool. While the spool holds anything, new events go behind it and the spool
/// is replayed in order; when it is empty, events go straight through again.
/// <code>
/// RecordAsync, Post ─▶ queue ─▶ loop ─┬─▶ ingest.sock ─▶ ACK        (recorder there, spool empty)
///                                     └─▶ spool, fsync ─▶ ingest.sock (else)
/// </code>
/// When neither works (recorder away and disk full) events wait, and with them <see cref="RecordAsync"/>.
/// </summary>
public sealed partial class SpoolingEventSink : IEventSink, IAsyncDisposable
{
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromSeconds(10);

    private readonly SpoolingSinkOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<SpoolingEventSink> _logger;
    private readonly Channel<QueuedEvent> _queue;
    private readonly IngestLink _link;
    private readonly RejectedEvents _rejected;
    private readonly BatchDelivery _delivery;
    private readonly EventSpool _spool;
    private readonly List<QueuedEvent> _pending = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _loop;

    private Task<bool> _queued = Task.FromResult(true);
    private Task<int>? _replay;
    private SpoolChunk? _replayed;
    private bool _spoolFails;
    private TimeSpan _backoff;
    private DateTimeOffset _tryAgain;
    private long _dropped;
    private long _droppedSaid;
    private DateTimeOffset _saidAt;

    /// <summary>Begins at once: what a dead producer of this user left under the same root is replayed first.</summary>
    public SpoolingEventSink(SpoolingSinkOptions options, TimeProvider clock, ILogger<SpoolingEventSink> logger)
    {
        _options = options;
        _clock = clock;
        _logger = logger;
        _backoff = options.FirstBackoff;
        var name = SpoolFolder.NewName(options.Producer, clock);
        _queue = Channel.CreateBounded<QueuedEvent>(new BoundedChannelOptions(options.QueueCapacity) { SingleReader = true });
        _link = new IngestLink(options.SocketPath, options.AckDeadline, clock);
        _rejected = new RejectedEvents(Path.Combine(options.SpoolRoot, "rejected"), name, logger);
        _delivery = new BatchDelivery(_link, _rejected);
        _spool = new EventSpool(options, name, logger);
        _loop = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Posted events that found the queue full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Events that the recorder refused for good; they lie in <c>rejected/</c> under the spool's root.</summary>
    public long Rejected => _rejected.Count;

    /// <summary>Bytes on disk that the recorder does not have yet.</summary>
    public long SpooledBytes => _spool.Bytes;

    /// <summary>Spool files given up because the spool was full.</summary>
    public long SpoolFilesGivenUp => _spool.GivenUp;

    /// <summary>Spool files that ended in the middle of an event.</summary>
    public long TornLines => _spool.Torn;

    /// <inheritdoc/>
    /// <remarks>Cancelling ends the wait; an event that is queued already is recorded all the same.</remarks>
    /// <exception cref="ObjectDisposedException">The sink is closed; the event is not recorded.</exception>
    public async ValueTask RecordAsync(BelljarEvent e, CancellationToken ct)
    {
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _queue.Writer.WriteAsync(new QueuedEvent(Line(e), durable), ct);
        }
        catch (ChannelClosedException closed)
        {
            throw new ObjectDisposedException("The event sink is closed.", closed);
        }

        await durable.Task.WaitAsync(ct);
    }

    /// <inheritdoc/>
    public void Post(BelljarEvent e)
    {
        if (!_queue.Writer.TryWrite(new QueuedEvent(Line(e), null)))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Sends or spools what is queued, within the deadline for an answer, and closes. A backlog stays for the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_queue.Writer.TryComplete())
        {
            await _loop;
            return;
        }

        await _closing.CancelAsync();
        await _loop;
        _closing.Dispose();
    }

    private static byte[] Line(BelljarEvent e) => JsonSerializer.SerializeToUtf8Bytes(e, ContractsJson.Default.BelljarEvent);

    private async Task RunAsync()
    {
        try
        {
            Guarded(_spool.Adopt);
            while (await NextAsync())
            {
                SayDropped();
                SettleReplay();
                if (_replay is null && await ReachRecorderAsync() && _spool.IsEmpty)
                {
                    await SendPendingAsync();
                }
                else
                {
                    SpoolPending();
                    StartReplay();
                }
            }

            if (_replay is not null)
            {
                await _replay;
                SettleReplay();
            }
        }
        catch (Exception e)
        {
            LogBroken(e);
        }

        Close();
    }

    /// <summary>Waits until there is something to do, and takes what is queued. False: closed, and nothing more can be done.</summary>
    private async Task<bool> NextAsync()
    {
        if (_pending.Count > 0)
        {
            // Neither the recorder nor the disk took them.
            await PauseAsync(_closing.Token);
            return !_closing.IsCancellationRequested;
        }

        await SomethingToDoAsync();
        var bytes = 0;
        while (bytes < BatchDelivery.BatchBytes && _queue.Reader.TryRead(out var queued))
        {
            _pending.Add(queued);
            bytes += queued.Line.Length + 1;
        }

        // A backlog alone does not keep a closing sink: it is safe where it is.
        return _pending.Count > 0 || !_queue.Reader.Completion.IsCompleted;
    }

    /// <summary>An event is queued, a replay is answered, or it is time to look for the recorder for the sake of the spool.</summary>
    private async Task SomethingToDoAsync()
    {
        if (_queued.IsCompleted)
        {
            _queued = _queue.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        }

        if (_replay is not null)
        {
            await Task.WhenAny(_queued, _replay);
        }
        else if (_spool.IsEmpty)
        {
            await _queued;
        }
        else if (!_queued.IsCompleted)
        {
            using var woken = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
            var pause = PauseAsync(woken.Token);
            await Task.WhenAny(_queued, pause);
            await woken.CancelAsync();
            await pause;
        }
    }

    private async Task PauseAsync(CancellationToken ct)
    {
        var pause = _tryAgain - _clock.GetUtcNow();
        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, _clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> ReachRecorderAsync()
    {
        if (_link.IsConnected)
        {
            return true;
        }

        if (_clock.GetUtcNow() < _tryAgain)
        {
            return false;
        }

        if (await _link.ConnectAsync(CancellationToken.None))
        {
            return true;
        }

        BackOff();
        return false;
    }

    private async Task SendPendingAsync()
    {
        // Not ended by closing: an answer comes within the deadline, or the spool takes them.
        var settled = await _delivery.DeliverAsync(LinesOf(_pending), CancellationToken.None);
        _backoff = settled > 0 ? _options.FirstBackoff : _backoff;
        Settled(settled);
        SpoolPending();
    }

    /// <summary>Replays beside the loop, so that new events need not wait for the answer before they are safe.</summary>
    private void StartReplay()
    {
        if (_replay is not null || !_link.IsConnected)
        {
            return;
        }

        SpoolChunk? chunk = null;
        if (Guarded(() => chunk = _spool.Read()) && chunk is not null)
        {
            _replayed = chunk;
            _replay = _delivery.DeliverAsync(chunk.Lines, _closing.Token);
        }
    }

    private void SettleReplay()
    {
        if (_replay is not { IsCompleted: true })
        {
            return;
        }

        var (chunk, settled) = (_replayed!, _replay.GetAwaiter().GetResult());
        (_replay, _replayed) = (null, null);
        Guarded(() => _spool.Settle(chunk, settled));
        if (settled == chunk.Lines.Length)
        {
            _backoff = _options.FirstBackoff;
        }
        else
        {
            BackOff();
        }
    }

    private void SpoolPending()
    {
        if (_pending.Count > 0 && Guarded(() => _spool.Append(_pending.Select(queued => (ReadOnlyMemory<byte>)queued.Line))))
        {
            Settled(_pending.Count);
        }
    }

    private void Settled(int count)
    {
        foreach (var queued in _pending.Take(count))
        {
            queued.Durable?.TrySetResult();
        }

        _pending.RemoveRange(0, count);
    }

    /// <summary>Work on the spool's disk, which may be full or away: then it is tried again later.</summary>
    private bool Guarded(Action work)
    {
        try
        {
            work();
            _spoolFails = false;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_spoolFails)
            {
                LogSpool(e, _options.SpoolRoot);
            }

            _spoolFails = true;
            BackOff();
            return false;
        }
    }

    private void BackOff()
    {
        _tryAgain = _clock.GetUtcNow() + _backoff;
        _backoff = TimeSpan.FromTicks(Math.Min(_backoff.Ticks * 2, _options.LongestBackoff.Ticks));
    }

    private void SayDropped()
    {
        var (dropped, now) = (Dropped, _clock.GetUtcNow());
        if (dropped > _droppedSaid && now - _saidAt >= BetweenWarnings)
        {
            LogDropped(dropped - _droppedSaid);
            (_droppedSaid, _saidAt) = (dropped, now);
        }
    }

    private void Close()
    {
        _queue.Writer.TryComplete();
        while (_queue.Reader.TryRead(out var queued))
        {
            _pending.Add(queued);
        }

        if (_pending.Count > 0)
        {
            LogLost(_pending.Count);
            _pending.ForEach(queued => queued.Durable?.TrySetException(new ObjectDisposedException(nameof(SpoolingEventSink))));
        }

        _link.Dispose();
        _spool.Dispose();
    }

    private static ReadOnlyMemory<ReadOnlyMemory<byte>> LinesOf(List<QueuedEvent> events) =>
        events.ConvertAll(queued => (ReadOnlyMemory<byte>)queued.Line).ToArray();

    [LoggerMessage(Level = LogLevel.Error, Message = "The spool {Root} cannot be used; events wait in memory. Check its owner and the free space")]
    private partial void LogSpool(Exception error, string root);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} posted events found the queue full and were dropped")]
    private partial void LogDropped(long count);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} events are lost: neither the recorder nor the spool took them before the end")]
    private partial void LogLost(int count);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Events can no longer be recorded by this process")]
    private partial void LogBroken(Exception error);
}
