namespace Belljar.Egress.Gate;

/// <summary>The moment after which a connection is aborted. Moved by whoever makes progress, looked at by the gate's heartbeat.</summary>
internal sealed class Deadline(TimeProvider clock)
{
    private long _at = long.MaxValue;

    public bool IsPast => clock.GetTimestamp() > Volatile.Read(ref _at);

    public void Set(TimeSpan fromNow)
        => Volatile.Write(ref _at, clock.GetTimestamp() + (long)(fromNow.TotalSeconds * clock.TimestampFrequency));

    /// <summary>Something else bounds the time for now.</summary>
    public void Clear() => Volatile.Write(ref _at, long.MaxValue);
}
