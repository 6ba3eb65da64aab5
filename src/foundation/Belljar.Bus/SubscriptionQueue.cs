using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Belljar.Bus;

/// <summary>
/// One subscription's messages between the publishers and its reader. A publisher never waits here and never runs the
/// reader's code. Not a bounded channel of the framework's, because this one is bounded in bytes too and lets nothing
/// be read after its end.
/// </summary>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue.")]
internal sealed class SubscriptionQueue(string name, QueueBounds bounds) : ChannelReader<BusMessage>, IBusSubscriber
{
    private readonly Lock _lock = new();
    private readonly DropOldestQueue _messages = new(bounds);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<bool>? _waiter;

    public string Name => name;

    public bool HasManyPatterns => false;

    public override Task Completion => _ended.Task;

    public override bool CanCount => true;

    public override bool CanPeek => true;

    public override int Count
    {
        get
        {
            lock (_lock)
            {
                return _messages.Count;
            }
        }
    }

    public SubscriberStatistics Statistics
    {
        get
        {
            lock (_lock)
            {
                return SubscriberStatistics.Of(_messages);
            }
        }
    }

    public void Deliver(in BusMessage message)
    {
        TaskCompletionSource<bool>? waiter;
        lock (_lock)
        {
            if (_ended.Task.IsCompleted)
            {
                return;
            }

            _messages.Enqueue(message);
            (waiter, _waiter) = (_waiter, null);
        }

        waiter?.SetResult(true);
    }

    public void End()
    {
        TaskCompletionSource<bool>? waiter;
        lock (_lock)
        {
            _ended.TrySetResult();
            _messages.Discard();
            (waiter, _waiter) = (_waiter, null);
        }

        waiter?.SetResult(false);
    }

    public override bool TryRead(out BusMessage item)
    {
        lock (_lock)
        {
            return _messages.TryDequeue(out item);
        }
    }

    public override bool TryPeek(out BusMessage item)
    {
        lock (_lock)
        {
            return _messages.TryPeek(out item);
        }
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_messages.Count > 0 || _ended.Task.IsCompleted)
            {
                return new(_messages.Count > 0);
            }

            _waiter ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return new(_waiter.Task.WaitAsync(cancellationToken));
        }
    }
}
