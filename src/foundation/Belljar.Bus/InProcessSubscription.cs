using System.Threading.Channels;
using Belljar.Contracts;

namespace Belljar.Bus;

/// <summary>A pattern and its queue, at a broker in this process.</summary>
internal sealed class InProcessSubscription : ISubscription
{
    private readonly BusBroker _broker;
    private readonly SubscriptionQueue _queue;
    private readonly Action<ISubscription> _left;
    private bool _disposed;

    /// <exception cref="ArgumentException">The pattern is none.</exception>
    public InProcessSubscription(BusBroker broker, string name, string pattern, Action<ISubscription> left)
    {
        if (!Topic.IsValidPattern(pattern))
        {
            throw new ArgumentException(
                $"'{pattern}' is no pattern: tokens of [A-Za-z0-9_:%-] joined by dots, '*' for one, a last '>' for one or more.",
                nameof(pattern));
        }

        (_broker, Pattern, _left) = (broker, pattern, left);
        _queue = new SubscriptionQueue(name, broker.Bounds);
        broker.Join(_queue);
        broker.Add(pattern, _queue);
    }

    public string Pattern { get; }

    public ChannelReader<BusMessage> Messages => _queue;

    public long Dropped => _queue.Statistics.Dropped;

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return ValueTask.CompletedTask;
        }

        _broker.Remove(Pattern, _queue);
        _queue.End();
        _broker.Leave(_queue);
        _left(this);
        return ValueTask.CompletedTask;
    }
}
