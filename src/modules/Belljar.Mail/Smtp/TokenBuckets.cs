namespace Belljar.Mail.Smtp;

/// <summary>
/// A token bucket a key. A full period fills an empty bucket. Those remembered are bounded: when there are too many, those
/// whose bucket is full again are forgotten, which changes nothing; if none is, all are.
/// </summary>
internal sealed class TokenBuckets(int size, TimeSpan period, TimeProvider clock)
{
    private const int MostKeys = 50_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, Bucket> _buckets = [];

    public bool TryTake(UInt128 key)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var tokens = _buckets.TryGetValue(key, out var bucket) ? Level(bucket, now) : size;
            if (tokens < 1)
            {
                return false;
            }

            if (_buckets.Count >= MostKeys && !_buckets.ContainsKey(key))
            {
                Forget(now);
            }

            _buckets[key] = new Bucket(tokens - 1, now);
            return true;
        }
    }

    /// <summary>Whether <see cref="TryTake"/> would find a token.</summary>
    public bool Has(UInt128 key)
    {
        lock (_lock)
        {
            return !_buckets.TryGetValue(key, out var bucket) || Level(bucket, clock.GetTimestamp()) >= 1;
        }
    }

    private double Level(Bucket bucket, long now) => Math.Min(size, bucket.Tokens + (clock.GetElapsedTime(bucket.At, now) / period * size));

    private void Forget(long now)
    {
        foreach (var (key, _) in _buckets.Where(known => Level(known.Value, now) >= size).ToList())
        {
            _buckets.Remove(key);
        }

        if (_buckets.Count >= MostKeys)
        {
            _buckets.Clear();
        }
    }

    private readonly record struct Bucket(double Tokens, long At);
}
