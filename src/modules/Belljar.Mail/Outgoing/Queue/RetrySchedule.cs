namespace Belljar.Mail.Outgoing.Queue;

/// <summary>When a recipient is tried again: soon, for greylisting and restarts; then seldom, for outages.</summary>
internal static class RetrySchedule
{
    private static readonly int[] Minutes = [1, 5, 15, 30, 60, 120, 240, 480];

    /// <param name="attempts">How often it has been tried: one at least.</param>
    public static TimeSpan After(int attempts) => TimeSpan.FromMinutes(Minutes[Math.Clamp(attempts, 1, Minutes.Length) - 1]);
}
