namespace Belljar.Bus;

/// <summary>The subscriptions that one bus has open, so that they end with it.</summary>
internal sealed class SubscriptionSet
{
    private readonly Lock _lock = new();
    private readonly HashSet<ISubscription> _open = [];
    private bool _closed;

    /// <summary>False when the set was closed before.</summary>
    public bool TryAdd(ISubscription subscription)
    {
        lock (_lock)
        {
            return !_closed && _open.Add(subscription);
        }
    }

    public void Remove(ISubscription subscription)
    {
        lock (_lock)
        {
            _open.Remove(subscription);
        }
    }

    public async ValueTask CloseAsync()
    {
        ISubscription[] open;
        lock (_lock)
        {
            _closed = true;
            open = [.. _open];
            _open.Clear();
        }

        foreach (var subscription in open)
        {
            await subscription.DisposeAsync();
        }
    }
}
