using System.Net;

namespace Belljar.Decoys.Logins;

/// <summary>A policy at work for one service of one decoy: it remembers who has tried how often.</summary>
internal sealed class LoginDoor(LoginPolicy policy)
{
    // Sources beyond this are forgotten, the longest known first: they begin anew, which only delays them.
    private const int MostSources = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _failures = [];
    private readonly Queue<IPAddress> _order = [];

    public LoginPolicy Policy => policy;

    public DoorKeeper For(IPAddress source) => new(this, source);

    /// <param name="source">From where it is tried.</param>
    /// <param name="user">Who he says that he is.</param>
    /// <param name="fits">Whether what he showed proves that he knows this password.</param>
    public bool Admits(IPAddress source, string user, Func<string, bool> fits)
    {
        if (policy.Always.Contains(user) || policy.Accounts.Any(account => account.User == user && fits(account.Password)))
        {
            return true;
        }

        return policy.After is { } most && CountFailure(source, most);
    }

    private bool CountFailure(IPAddress source, int most)
    {
        lock (_lock)
        {
            var failures = _failures.GetValueOrDefault(source);
            if (failures >= most)
            {
                return true;
            }

            if (failures == 0)
            {
                _order.Enqueue(source);
                if (_order.Count > MostSources)
                {
                    _failures.Remove(_order.Dequeue());
                }
            }

            _failures[source] = failures + 1;
            return false;
        }
    }
}

/// <summary>The door as one visitor finds it.</summary>
internal readonly struct DoorKeeper(LoginDoor door, IPAddress source)
{
    public LoginPolicy Policy => door.Policy;

    public bool Admits(string user, Func<string, bool> fits) => door.Admits(source, user, fits);

    /// <summary>For a password that was shown in the clear.</summary>
    public bool Admits(string user, string password) => Admits(user, known => known == password);
}
