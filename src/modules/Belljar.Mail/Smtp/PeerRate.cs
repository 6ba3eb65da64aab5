using System.Net;

namespace Belljar.Mail.Smtp;

/// <summary>
/// A token bucket a peer: a connection takes one token, a message another; a minute gives as many as the bucket holds.
/// This machine itself is not counted unless that is wanted, or one busy relay on it would be its own victim.
/// </summary>
internal sealed class PeerRate(int perMinute, TimeProvider clock, bool countsThisMachine = false)
{
    /// <summary>
    /// Peers that are remembered. When there are more, those whose bucket is full again are forgotten, which changes
    /// nothing; if none is, all are: a flood from so many networks is held by the number of connections alone.
    /// </summary>
    private const int MostPeers = 50_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, Bucket> _buckets = [];

    public bool TryTake(IPAddress address)
    {
        if (IsFree(address))
        {
            return true;
        }

        var peer = PeerLimits.PeerOf(address);
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var tokens = _buckets.TryGetValue(peer, out var bucket) ? Level(bucket, now) : perMinute;
            if (tokens < 1)
            {
                return false;
            }

            if (_buckets.Count >= MostPeers && !_buckets.ContainsKey(peer))
            {
                Forget(now);
            }

            _buckets[peer] = new Bucket(tokens - 1, now);
            return true;
        }
    }

    /// <summary>Whether <see cref="TryTake"/> would find a token.</summary>
    public bool HasToken(IPAddress address)
    {
        lock (_lock)
        {
            return IsFree(address) || !_buckets.TryGetValue(PeerLimits.PeerOf(address), out var bucket) || Level(bucket, clock.GetTimestamp()) >= 1;
        }
    }

    private bool IsFree(IPAddress address) => perMinute == 0 || (!countsThisMachine && IPAddress.IsLoopback(address));

    private double Level(Bucket bucket, long now) =>
        Math.Min(perMinute, bucket.Tokens + (clock.GetElapsedTime(bucket.At, now).TotalMinutes * perMinute));

    private void Forget(long now)
    {
        foreach (var (peer, _) in _buckets.Where(known => Level(known.Value, now) >= perMinute).ToList())
        {
            _buckets.Remove(peer);
        }

        if (_buckets.Count >= MostPeers)
        {
            _buckets.Clear();
        }
    }

    private readonly record struct Bucket(double Tokens, long At);
}
