using System.Threading.Channels;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Mail.Routing;
using Belljar.Protocols.Smtp;
using Microsoft.Extensions.Logging;

namespace Belljar.Mail.Delivering;

/// <summary>
/// Sends what is due: one attempt for the recipients that one message has in one domain, several at a time, few to one domain.
/// <code>
/// ring (a message came, an attempt ended) or every few seconds → finished messages are put away → due ones are begun
/// </code>
/// What is under way is known in memory alone: after a kill nothing is, and all of it is due again.
/// </summary>
internal sealed partial class QueueRunner : IAsyncDisposable
{
    private const int MostLookedAt = 200;
    private const int MostPutAwayTogether = 1000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>A flush of the whole disk holds up every commit beside it.</summary>
    private static readonly TimeSpan BetweenFlushes = TimeSpan.FromSeconds(1);

    private readonly MailQueue _queue;
    private readonly SentCopies _copies;
    private readonly IDelivery _local;
    private readonly IDelivery _remote;
    private readonly Func<string, bool> _isLocal;
    private readonly OutgoingOptions _options;
    private readonly DeliveryReports _reports;
    private readonly Action<string, IReadOnlyList<QueuedRecipient>> _attempted;
    private readonly Action<SentMessage> _ended;
    private readonly Func<Task> _rested;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _bell = new(0, 1);
    private readonly Lock _lock = new();
    private readonly Dictionary<(long Message, string Domain), Task> _underWay = [];
    private readonly HashSet<long> _expected = [];

    /// <summary>As long as the queue itself at most: a key is in it once.</summary>
    private readonly Channel<long> _finished = Channel.CreateUnbounded<long>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<long> _settled = [];
    private ITimer? _timer;
    private Task _loop = Task.CompletedTask;
    private Task _puttingAway = Task.CompletedTask;
    private bool _lookForFinished = true;

    /// <summary>Something may be due that was not begun, for want of room: the end of an attempt is a reason to look.</summary>
    private bool _isBehind;

    /// <param name="attempted">Told of a message's recipients when an attempt has been stored and the copy says so.</param>
    /// <param name="ended">Told of a mailbox's message when nobody is left to be tried; after a kill perhaps once more.</param>
    /// <param name="rested">Asked every few seconds to close what has rested long enough.</param>
    public QueueRunner(
        MailQueue queue, SentCopies copies, IDelivery local, IDelivery remote, Func<string, bool> isLocal, OutgoingOptions options, DeliveryReports reports,
        Action<string, IReadOnlyList<QueuedRecipient>> attempted, Action<SentMessage> ended, Func<Task> rested, TimeProvider clock, ILogger logger)
    {
        (_queue, _copies, _local, _remote, _isLocal, _options, _reports) = (queue, copies, local, remote, isLocal, options, reports);
        (_attempted, _ended, _rested, _clock, _logger) = (attempted, ended, rested, clock, logger);
    }

    public int UnderWay
    {
        get
        {
            lock (_lock)
            {
                return _underWay.Count;
            }
        }
    }

    public void Start()
    {
        _timer = _clock.CreateTimer(
            _ =>
            {
                Volatile.Write(ref _lookForFinished, true);
                Ring();
            },
            null,
            LookEvery,
            LookEvery);
        _loop = Task.Run(RunAsync, CancellationToken.None);
        _puttingAway = Task.Run(PutAwayAsync, CancellationToken.None);
    }

    /// <summary>Look now. Never waits: a bell that rings already says all there is to say.</summary>
    public void Ring()
    {
        try
        {
            _bell.Release();
        }
        catch (SemaphoreFullException)
        {
        }
        catch (ObjectDisposedException)
        {
        }
    }

    /// <summary>Begins nothing more and breaks off what is under way; all of it is due again at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        await _loop;
        Task[] left;
        lock (_lock)
        {
            left = [.. _underWay.Values];
        }

        await Task.WhenAll(left);
        _finished.Writer.TryComplete();
        await _puttingAway;
        _bell.Dispose();
        _stopping.Dispose();
    }

    /// <summary>
    /// A message is being queued and will be handed over by <see cref="Take"/>. Said before anybody can read it in the queue: were it
    /// found there, sent and then handed over as it was before, it would be sent twice.
    /// </summary>
    public void Expect(long message)
    {
        lock (_lock)
        {
            _expected.Add(message);
        }
    }

    /// <summary>It will not be handed over.</summary>
    public void ExpectNoMore(long message)
    {
        lock (_lock)
        {
            _expected.Remove(message);
        }
    }

    /// <summary>Begins with an expected message at once, from memory; where there is no room it waits in the queue like all others.</summary>
    /// <returns>Over when the attempts that were begun are, and the copy tells of them.</returns>
    public Task Take(QueuedMessage message)
    {
        List<(long Message, string Domain)> keys = [.. message.Recipients.Select(recipient => (message.Key, recipient.Domain)).Distinct()];
        Task[] begun;
        lock (_lock)
        {
            _expected.Remove(message.Key);
            begun = _timer is null ? [] : [.. keys.Where(key => Begin(key, message)).Select(key => _underWay[key])];
        }

        if (begun.Length < keys.Count)
        {
            Ring();
        }

        return Task.WhenAll(begun);
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (Interlocked.Exchange(ref _lookForFinished, false))
                {
                    await _rested();
                    await SettleLeftoversAsync();
                }

                BeginDue();
                await _bell.WaitAsync(_stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed)
            {
                // One bad look (the disk is full, the database busy) ends no queue; the next is in a few seconds.
                LogLookFailed(failed);
                await Task.Delay(LookEvery, _clock, _stopping.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
    }

    private void BeginDue()
    {
        while (true)
        {
            // Before room is looked for: an attempt that ends from here on rings.
            Volatile.Write(ref _isBehind, true);
            int busy;
            string[] busyDomains;
            lock (_lock)
            {
                busy = _underWay.Count;
                busyDomains = [.. _underWay.Keys.GroupBy(key => RouteOf(key.Domain)).Where(route => route.Count() >= _options.MostPerDomain).SelectMany(route => route.Select(key => key.Domain)).Distinct()];
            }

            if (busy >= _options.MostAtOnce)
            {
                return;
            }

            var most = MostLookedAt + (busy * _options.MostRecipients);
            var due = _queue.Due(busyDomains, most);
            var all = due.Distinct().ToList();
            var begun = all.Count(key => Begin(key, message: null));
            if (begun == 0 || due.Count < most)
            {
                Volatile.Write(ref _isBehind, busyDomains.Length > 0 || begun < all.Count);
                return;
            }
        }
    }

    /// <summary>With a smarthost all other domains are one.</summary>
    private string RouteOf(string domain) => _options.Smarthost is null || _isLocal(domain) ? domain : "";

    /// <param name="message">Null: it is read from the queue.</param>
    private bool Begin((long Message, string Domain) key, QueuedMessage? message)
    {
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested || _underWay.Count >= _options.MostAtOnce || _underWay.ContainsKey(key) || _expected.Contains(key.Message)
                || _underWay.Keys.Count(other => RouteOf(other.Domain) == RouteOf(key.Domain)) >= _options.MostPerDomain)
            {
                return false;
            }

            _underWay[key] = Task.Run(() => AttemptAsync(key, message), CancellationToken.None);
            return true;
        }
    }

    private async Task AttemptAsync((long Message, string Domain) key, QueuedMessage? message)
    {
        try
        {
            await DeliverAsync(key, message);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Exception failed)
        {
            LogAttemptFailed(failed, key.Domain);

            // Not at once again: whatever it was would only happen again. The timer rings.
            await Task.Delay(LookEvery, _clock, _stopping.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        finally
        {
            lock (_lock)
            {
                _underWay.Remove(key);
            }

            if (Volatile.Read(ref _isBehind))
            {
                Ring();
            }
        }
    }

    private async Task DeliverAsync((long Message, string Domain) key, QueuedMessage? known)
    {
        if ((known ?? _queue.Find(key.Message)) is not { } message)
        {
            return;
        }

        var now = _clock.GetUtcNow();
        var recipients = message.Recipients.Where(each => each.Domain == key.Domain && each.State == RecipientState.Queued && each.NextAt <= now).ToList();
        if (recipients.Count == 0)
        {
            return;
        }

        var delivery = _isLocal(key.Domain) ? _local : _remote;
        var outcomes = await delivery.DeliverAsync(message, key.Domain, recipients, _stopping.Token);
        var after = await _queue.RecordAsync(message, outcomes, _options.Lifetime, failed => _reports.Compose(message, failed));
        var delivered = outcomes.Count(outcome => outcome.Verdict == AttemptVerdict.Delivered);
        LogAttempt(message.Id, key.Domain, delivered, outcomes.Count);
        await SettleAsync(message, after);
        if (delivered < outcomes.Count)
        {
            // A report may have been queued.
            Ring();
        }
    }

    /// <summary>Brings the copy up to date; a message of which nobody is left to be tried is put away.</summary>
    private async Task SettleAsync(QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients)
    {
        if (message.Stem is not null)
        {
            await _copies.UpdateAsync(message, recipients);
        }

        _attempted(message.Id, recipients);
        if (recipients.All(recipient => recipient.State != RecipientState.Queued))
        {
            lock (_lock)
            {
                if (!_settled.Add(message.Key))
                {
                    return;
                }
            }

            if (message.Mailbox is not null)
            {
                _ended(new SentMessage(message with { Recipients = recipients }, DeliveryStatus.Of(recipients)));
            }

            _finished.Writer.TryWrite(message.Key);
        }
    }

    /// <summary>What a kill, the operator or a full disk left: finished, and still in the queue.</summary>
    private async Task SettleLeftoversAsync()
    {
        foreach (var key in _queue.Finished())
        {
            bool isInHand;
            lock (_lock)
            {
                isInHand = _settled.Contains(key) || _underWay.Keys.Any(other => other.Message == key);
            }

            if (!isInHand && _queue.Find(key) is { } message)
            {
                await SettleAsync(message, message.Recipients);
            }
        }
    }

    /// <summary>Forgets finished messages when their copies are on the disk: what has gathered during one flush shares the next.</summary>
    private async Task PutAwayAsync()
    {
        while (await _finished.Reader.WaitToReadAsync(CancellationToken.None))
        {
            var keys = new List<long>();
            while (keys.Count < MostPutAwayTogether && _finished.Reader.TryRead(out var key))
            {
                keys.Add(key);
            }

            try
            {
                await _copies.FlushAsync();
                await _queue.ForgetAsync(keys);
                _copies.Forget(keys);
            }
            catch (Exception failed)
            {
                // They stay in the queue, finished; the next look finds them.
                LogLookFailed(failed);
            }

            lock (_lock)
            {
                _settled.ExceptWith(keys);
            }

            await Task.Delay(BetweenFlushes, TimeProvider.System, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Id} to {Domain}: {Delivered} of {Recipients} recipients delivered")]
    private partial void LogAttempt(string id, string domain, int delivered, int recipients);

    [LoggerMessage(Level = LogLevel.Error, Message = "an attempt to send to {Domain} failed here; it will be made again")]
    private partial void LogAttemptFailed(Exception failed, string domain);

    [LoggerMessage(Level = LogLevel.Error, Message = "the mail queue could not be looked at; it will be again in some seconds")]
    private partial void LogLookFailed(Exception failed);
}
