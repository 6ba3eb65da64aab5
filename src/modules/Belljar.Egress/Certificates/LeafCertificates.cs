using System.Net.Security;

namespace Belljar.Egress.Certificates;

/// <summary>The leaves that were minted, ready for TLS. Bounded: the one that was asked for longest ago makes room.</summary>
internal sealed class LeafCertificates(SessionAuthority authority, TimeProvider clock, int most)
{
    /// <summary>Half of a leaf's life: one that is handed out has days to live.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromDays(15);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Leaf>> _byHost = [];
    private readonly LinkedList<Leaf> _byUse = new();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byHost.Count;
            }
        }
    }

    public SslStreamCertificateContext For(string host)
    {
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            if (_byHost.TryGetValue(host, out var node) && now - node.Value.MintedAt < FreshFor)
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                return node.Value.Context;
            }

            // A fraction of a millisecond; under the lock, so that a thousand connections to one host mint one leaf.
            var context = SslStreamCertificateContext.Create(authority.Mint(host, now), additionalCertificates: null, offline: true);
            Forget(node);
            _byHost[host] = _byUse.AddFirst(new Leaf(host, context, now));
            if (_byHost.Count > most)
            {
                // Not disposed: connections may still use it.
                Forget(_byUse.Last);
            }

            return context;
        }
    }

    private void Forget(LinkedListNode<Leaf>? node)
    {
        if (node is not null)
        {
            _byUse.Remove(node);
            _byHost.Remove(node.Value.Host);
        }
    }

    private sealed record Leaf(string Host, SslStreamCertificateContext Context, DateTimeOffset MintedAt);
}
