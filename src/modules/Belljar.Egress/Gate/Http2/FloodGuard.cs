namespace Belljar.Egress.Gate.Http2;

/// <summary>
/// Frames that cost us something and ask for nothing (RFC 9113 §10.5): resets, pings, settings, empty ones. Honest clients
/// send some of them; whoever sends many in a short time wants us to be busy.
/// </summary>
internal sealed class FloodGuard(TimeProvider clock)
{
    private const int Most = 1000;
    private const int MostResets = 400;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(10);

    private long _since = clock.GetTimestamp();
    private int _count;
    private int _resets;

    /// <returns>Whether it is too much.</returns>
    public bool Count(bool isReset)
    {
        if (clock.GetElapsedTime(_since) > Within)
        {
            (_since, _count, _resets) = (clock.GetTimestamp(), 0, 0);
        }

        _resets += isReset ? 1 : 0;
        return ++_count > Most || _resets > MostResets;
    }
}
