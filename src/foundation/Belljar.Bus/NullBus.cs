using Microsoft.Extensions.Logging;

namespace Belljar.Bus;

/// <summary>The bus where <c>bus.enabled</c> is false: nothing arrives anywhere, and everybody carries on.</summary>
public sealed partial class NullBus(ILogger<NullBus> logger) : IBus
{
    /// <summary>Nobody publishes to it; it holds the subscriptions, which wait for ever.</summary>
    private readonly BusBroker _silent = new();
    private readonly SubscriptionSet _subscriptions = new();
    private bool _warned;

    public void Publish(string topic, ReadOnlySpan<byte> envelope)
    {
        if (!_warned && !Interlocked.Exchange(ref _warned, true))
        {
            LogDisabled(logger);
        }
    }

    public async Task<ISubscription> SubscribeAsync(string pattern, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var subscription = new InProcessSubscription(_silent, "", pattern, _subscriptions.Remove);
        if (!_subscriptions.TryAdd(subscription))
        {
            await subscription.DisposeAsync();
            throw new ObjectDisposedException(nameof(NullBus));
        }

        return subscription;
    }

    public ValueTask DisposeAsync() => _subscriptions.CloseAsync();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The bus is disabled (bus.enabled: false): what happens is recorded, "
        + "but nobody is woken by it before the next pass.")]
    private static partial void LogDisabled(ILogger logger);
}
