using System.Collections.Concurrent;

namespace Belljar.Egress.Policy;

/// <summary>How much a session has sent, in all and by route. It outlives changes of routes.</summary>
internal sealed class DataBudgets
{
    private readonly ConcurrentDictionary<string, StrongCount> _byRoute = new();
    private readonly StrongCount _all = new();

    public long Sent => Volatile.Read(ref _all.Bytes);

    /// <returns>False when it would be more than allowed; then nothing was spent, and nothing may be sent.</returns>
    public bool TrySpend(RouteTable routes, RoutePolicy policy, long bytes)
    {
        var route = _byRoute.GetOrAdd(policy.Name, _ => new StrongCount());
        if (!TryAdd(route, bytes, policy.Route.Budget))
        {
            return false;
        }

        if (TryAdd(_all, bytes, routes.Options.Budget))
        {
            return true;
        }

        Interlocked.Add(ref route.Bytes, -bytes);
        return false;
    }

    private static bool TryAdd(StrongCount count, long bytes, long? budget)
    {
        if (Interlocked.Add(ref count.Bytes, bytes) <= (budget ?? long.MaxValue))
        {
            return true;
        }

        Interlocked.Add(ref count.Bytes, -bytes);
        return false;
    }

    private sealed class StrongCount
    {
        public long Bytes;
    }
}
