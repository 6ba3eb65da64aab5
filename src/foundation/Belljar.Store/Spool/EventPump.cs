using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Belljar.Store.Spool;

/// <summary>
/// The loop behind <see cref="SpoolingEventSink"/>: takes whatever is queued and makes it durable, over the link or in the
/// spool, and replays the spool beside it. Everything here but the counters belongs to that one loop.
/// </summary>
internal sealed partial class EventPump : IDisposable
{
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromSeconds(10);

    private readonly SpoolingSinkOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ChannelReader<QueuedEvent> _queue;
    private readonly ChannelWriter<QueuedEvent> _entrance;
    private readonly Func<long> _countDropped;
    private readonly CancellationToken _closing;
    private readonly IngestLink _link;
    private readonly BatchDelivery _delivery;
    private readonly List<QueuedEvent> _pending = [];

    private Task<bool> _queued = Task.FromResult(true);
    private Task<int>? _replay;
    private SpoolChunk? _replayed;
    private bool _spoolFails;
    private TimeSpan _backoff;
    private DateTimeOffset _tryAgain;
    private long _droppedSaid;
    private DateTimeOffset _saidAt;

    /// <param name="options">The socket, the spool and the bounds.</param>
    /// <param name="clock">Deadlines and pauses.</param>
    /// <param name="queue">What is to be recorded.</param>
    /// <param name="countDropped">How many found the queue full, so far.</param>
    /// <param name="logger">The sink's.</param>
    /// <param name="closing">Ends pauses and the replay, not the sending of what is queued.</param>
    public EventPump(
        SpoolingSinkOptions options,
        TimeProvider clock,
        Channel<QueuedEvent> queue,
        Func<long> countDropped,
        ILogger logger,
        CancellationToken closing)
    {
        _options = options;
        _clock = clock;
        _logger = logger;
        _queue = queue.Reader;
        _entrance = queue.Writer;
        _countDropped = countDropped;
        _closing = closing;
        _backoff = options.FirstBackoff;
        var name = SpoolFolder.NewName(options.Producer, clock);
        _link = new IngestLink(options.SocketPath, options.AckDeadline, clock);
        Rejected = new RejectedEvents(Path.Combine(options.SpoolRoot, "rejected"), name, logger);
        _delivery = new BatchDelivery(_link, Rejected);
        Spool = new EventSpool(options, name, logger);
    }

    public RejectedEvents Rejected { get; }

    public EventSpool Spool { get; }

    /// <summary>Until the queue is completed and empty; then what is in hand is sent or spooled.</summary>
    public async Task RunAsync()
    {
        try
        {
            Guarded(Spool.Adopt);
            while (await NextAsync())
            {
                SayDropped();
                SettleReplay();
                if (_replay is null && await ReachRecorderAsync() && Spool.IsEmpty)
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

        LetGo();
    }

    /// <summary>After <see cref="RunAsync"/>.</summary>
    public void Dispose()
    {
        _link.Dispose();
        Spool.Dispose();
    }

    /// <summary>Waits until there is something to do, and takes what is queued. False: closed, and nothing more can be done.</summary>
    private async Task<bool> NextAsync()
    {
        if (_pending.Count > 0)
        {
            // Neither the recorder nor the disk took them.
            await PauseAsync(_closing);
            return !_closing.IsCancellationRequested;
        }

        await SomethingToDoAsync();
        var bytes = 0;
        while (bytes < BatchDelivery.BatchBytes && _queue.TryRead(out var queued))
        {
            _pending.Add(queued);
            bytes += queued.Line.Length + 1;
        }

        // A backlog alone does not keep a closing sink: it is safe where it is.
        return _pending.Count > 0 || !_queue.Completion.IsCompleted;
    }

    /// <summary>An event is queued, a replay is answered, or it is time to look for the recorder for the sake of the spool.</summary>
    private async Task SomethingToDoAsync()
    {
        if (_queued.IsCompleted)
        {
            _queued = _queue.WaitToReadAsync(CancellationToken.None).AsTask();
        }

        if (_replay is not null)
        {
            await Task.WhenAny(_queued, _replay);
        }
        else if (Spool.IsEmpty)
        {
            await _queued;
        }
        else if (!_queued.IsCompleted)
        {
            using var woken = CancellationTokenSource.CreateLinkedTokenSource(_closing);
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
        if (Guarded(() => chunk = Spool.Read()) && chunk is not null)
        {
            _replayed = chunk;
            _replay = _delivery.DeliverAsync(chunk.Lines, _closing);
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
        Guarded(() => Spool.Settle(chunk, settled));
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
        if (_pending.Count > 0 && Guarded(() => Spool.Append(_pending.Select(queued => (ReadOnlyMemory<byte>)queued.Line))))
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
        var (dropped, now) = (_countDropped(), _clock.GetUtcNow());
        if (dropped > _droppedSaid && now - _saidAt >= BetweenWarnings)
        {
            LogDropped(dropped - _droppedSaid);
            (_droppedSaid, _saidAt) = (dropped, now);
        }
    }

    /// <summary>Also when the loop broke: nobody may wait for a queue that is no longer emptied.</summary>
    private void LetGo()
    {
        _entrance.TryComplete();
        while (_queue.TryRead(out var queued))
        {
            _pending.Add(queued);
        }

        if (_pending.Count > 0)
        {
            LogLost(_pending.Count);
            _pending.ForEach(queued => queued.Durable?.TrySetException(new ObjectDisposedException(nameof(SpoolingEventSink))));
        }
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
