namespace Belljar.Bus.UnixSocket;

/// <summary>
/// How long to wait before the next attempt. Without jitter: the broker is on this machine, and its clients are a few
/// dozen.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private int _failures;

    public TimeSpan Next()
    {
        var delay = first * Math.Pow(2, _failures);
        if (delay >= longest)
        {
            return longest;
        }

        _failures++;
        return delay;
    }

    public void Reset() => _failures = 0;
}
