using Microsoft.Extensions.Logging;

namespace Belljar.Bus;

/// <summary>The bus of one process: each worker in it has one of these over the same broker. Envelopes are bytes here too.</summary>
/// <param name="broker">Is not ended with this bus.</param>
/// <param name="name">Under which its subscriptions are counted: the worker's name.</param>
/// <param name="logger">Gets one warning at the first publication that no frame can carry.</param>
public sealed partial class InProcessBus(BusBroker broker, string name, ILogger<InProcessBus> logger) : IBus
{
    private readonly SubscriptionSet _subscriptions = new();
    private bool _warned;

    public void Publish(string topic, ReadOnlySpan<byte> envelope)
    {
        if (!broker.Publish(topic, envelope) && !Interlocked.Exchange(ref _warned, true))
        {
            LogRefused(logger, name, topic.Length, envelope.Length);
        }
    }

    public async Task<ISubscription> SubscribeAsync(string pattern, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var subscription = new InProcessSubscription(broker, name, pattern, _subscriptions.Remove);
        if (!_subscriptions.TryAdd(subscription))
        {
            await subscription.DisposeAsync();
            throw new ObjectDisposedException(nameof(InProcessBus));
        }

        return subscription;
    }

    public ValueTask DisposeAsync() => _subscriptions.CloseAsync();

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} published what no frame can carry (a topic of {TopicLength} "
        + "characters, an envelope of {EnvelopeLength} bytes); it is dropped, and further ones are only counted.")]
    private static partial void LogRefused(ILogger logger, string name, int topicLength, int envelopeLength);
}
