namespace Belljar.Store.Events;

/// <summary>Times as they stand in the tables: 100 ns since 1970-01-01 UTC, which keeps a <see cref="DateTimeOffset"/> exactly.</summary>
internal static class EventTime
{
    public static long ToColumn(DateTimeOffset time) => time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;

    public static DateTimeOffset FromColumn(long column) => new(column + DateTimeOffset.UnixEpoch.Ticks, TimeSpan.Zero);
}
