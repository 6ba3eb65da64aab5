using System.Net.Sockets;
using Belljar.Contracts;
using Microsoft.Extensions.Logging;

namespace Belljar.Bus.UnixSocket;

/// <summary>What a client has counted. A broker that is away shows as <paramref name="Waiting"/> and then as drops.</summary>
/// <param name="IsConnected">Whether there is a connection now.</param>
/// <param name="Sent">Publications written to the socket; those of a write that failed are among the dropped.</param>
/// <param name="Dropped">Publications that were pushed out of the full queue, or lost with a connection.</param>
/// <param name="Refused">Publications that no frame can carry.</param>
/// <param name="Waiting">Publications in the queue now.</param>
public sealed record UnixBusStatistics(bool IsConnected, long Sent, long Dropped, long Refused, int Waiting);

/// <summary>
/// A client of <see cref="BusSocketServer"/>. It connects in the background and again after each end, with backoff, asks
/// for its patterns anew, and then sends what was published meanwhile, as far as its queue kept it.
/// </summary>
public sealed partial class UnixBus : IBus
{
    private readonly UnixBusOptions _options;
    private readonly UnixDomainSocketEndPoint _broker;
    private readonly TimeProvider _time;
    private readonly ILogger<UnixBus> _logger;
    private readonly Outbox _outbox;
    private readonly WireSubscriptions _wanted;

    /// <summary>Hands what comes from the broker to the subscriptions of this client.</summary>
    private readonly BusBroker _local;
    private readonly TopicCache _topics = new();
    private readonly SubscriptionSet _subscriptions = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Backoff _backoff;
    private readonly Task _running;
    private volatile TaskCompletionSource _connected = NotYet();
    private long _refused;
    private long _lost;
    private bool _disposed;
    private bool _warnedAway;
    private bool _warnedRefused;

    /// <summary>Begins to connect.</summary>
    /// <exception cref="ArgumentException">The client's name is no topic of at most 64 characters, or the path has more than 107 bytes.</exception>
    public UnixBus(UnixBusOptions options, TimeProvider time, ILogger<UnixBus> logger)
    {
        if (options.Client.Length > Verbs.LongestClient || !Topic.IsValid(options.Client))
        {
            throw new ArgumentException($"'{options.Client}' is no topic of at most {Verbs.LongestClient} characters.", nameof(options));
        }

        (_options, _time, _logger) = (options, time, logger);
        _broker = new UnixDomainSocketEndPoint(options.Path);
        _outbox = new Outbox(Verbs.Publish, options.Bounds, mostControl: int.MaxValue);
        _wanted = new WireSubscriptions(_outbox, options.Client);
        _local = new BusBroker(options.Bounds);
        _backoff = new Backoff(options.FirstDelay, options.LongestDelay);
        _running = Task.Run(RunAsync, CancellationToken.None);
    }

    public UnixBusStatistics Statistics
    {
        get
        {
            var queue = _outbox.Statistics;
            var lost = Interlocked.Read(ref _lost);
            return new UnixBusStatistics(
                _connected.Task.IsCompletedSuccessfully,
                queue.Delivered - lost,
                queue.Dropped + lost,
                Interlocked.Read(ref _refused),
                queue.Waiting);
        }
    }

    /// <summary>Completes when there is a connection: for a command that wants to say that there is none.</summary>
    /// <exception cref="ObjectDisposedException">This bus was disposed.</exception>
    public Task WaitForConnectionAsync(CancellationToken ct) => _connected.Task.WaitAsync(ct);

    public void Publish(string topic, ReadOnlySpan<byte> envelope)
    {
        if (BusBroker.CanCarry(topic, envelope.Length))
        {
            _outbox.Enqueue(new BusMessage(topic, envelope.ToArray()));
            return;
        }

        Interlocked.Increment(ref _refused);
        if (!Interlocked.Exchange(ref _warnedRefused, true))
        {
            LogRefused(_logger, _options.Client, topic.Length, envelope.Length);
        }
    }

    public async Task<ISubscription> SubscribeAsync(string pattern, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var acquired = false;
        var subscription = new InProcessSubscription(_local, _options.Client, pattern, left =>
        {
            _subscriptions.Remove(left);
            if (acquired)
            {
                _wanted.Release(pattern);
            }
        });
        try
        {
            ObjectDisposedException.ThrowIf(!_subscriptions.TryAdd(subscription), this);
            var acknowledged = _wanted.Acquire(pattern);
            acquired = true;
            await acknowledged.WaitAsync(ct);
            return subscription;
        }
        catch
        {
            await subscription.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends what waits and BYE, where there is a connection and within the grace; then ends everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        _wanted.Close();
        _outbox.Close();
        await _closing.CancelAsync();
        try
        {
            await _running.WaitAsync(_options.StopGrace, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            await _ending.CancelAsync();
            await _running;
        }

        _outbox.Abandon();
        await _subscriptions.CloseAsync();
        _closing.Dispose();
        _ending.Dispose();
    }

    private static TaskCompletionSource NotYet() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            var reason = await ServeOneConnectionAsync();
            if (_closing.IsCancellationRequested)
            {
                break;
            }

            LogAwayOnce(reason);
            await Task.Delay(_backoff.Next(), _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _connected.TrySetException(new ObjectDisposedException(nameof(UnixBus)));
        _ = _connected.Task.Exception;
    }

    /// <summary>Returns why there is none, or why it ended.</summary>
    private async Task<string> ServeOneConnectionAsync()
    {
        using var link = new BusLink(_outbox, _wanted, _local, _topics);
        try
        {
            await link.ConnectAsync(_broker, _closing.Token);
        }
        catch (Exception problem) when (problem is SocketException or OperationCanceledException)
        {
            return problem.Message;
        }

        LogBack();
        _connected.TrySetResult();
        var since = _time.GetTimestamp();
        var reason = await RunAsync(link);
        _connected = NotYet();
        _wanted.Disconnected();
        Interlocked.Add(ref _lost, link.InFlight);

        // A broker that closes each connection at once, because it has too many, is not asked more and more often.
        if (link.Heard || _time.GetElapsedTime(since) >= _options.LongestDelay)
        {
            _backoff.Reset();
        }

        return reason;
    }

    private async Task<string> RunAsync(BusLink link)
    {
        try
        {
            return await link.RunAsync(_ending.Token);
        }
        catch (Exception bug)
        {
            LogFailed(_logger, bug, _options.Client);
            return bug.Message;
        }
    }

    private void LogAwayOnce(string reason)
    {
        if (!_warnedAway)
        {
            _warnedAway = true;
            LogAway(_logger, _options.Client, _options.Path, reason);
        }
    }

    private void LogBack()
    {
        if (_warnedAway)
        {
            _warnedAway = false;
            LogReached(_logger, _options.Client, _options.Path, Statistics.Dropped);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Client} does not reach the bus at {Path} ({Reason}); it carries on and tries again.")]
    private static partial void LogAway(ILogger logger, string client, string path, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Client} reaches the bus at {Path} again; {Dropped} messages were dropped so far.")]
    private static partial void LogReached(ILogger logger, string client, string path, long dropped);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Client}'s connection to the bus failed by a mistake of this side.")]
    private static partial void LogFailed(ILogger logger, Exception bug, string client);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Client} published what no frame can carry (a topic of {TopicLength} "
        + "characters, an envelope of {EnvelopeLength} bytes); it is dropped, and further ones are only counted.")]
    private static partial void LogRefused(ILogger logger, string client, int topicLength, int envelopeLength);
}
