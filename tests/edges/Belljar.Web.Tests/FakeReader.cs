using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Hosting;
using Belljar.Web.Timeline;

namespace Belljar.Web.Tests;

/// <summary>A record of events in memory.</summary>
internal sealed class FakeReader : IEventReader
{
    private readonly Lock _lock = new();
    private readonly List<TimelineEntry> _entries = [];

    /// <summary>Why it cannot be read now; null when it can.</summary>
    public string? Broken { get; set; }

    public void Add(params IEnumerable<BelljarEvent> events)
    {
        lock (_lock)
        {
            foreach (var e in events)
            {
                _entries.Add(new TimelineEntry(_entries.Count + 1, e));
            }
        }
    }

    public IReadOnlyList<TimelineEntry> Newest(TimelineFilter filter, long? before, int limit, CancellationToken ct) =>
        [.. Matching(filter).Where(entry => before is null || entry.Seq < before).Reverse().Take(limit)];

    public IReadOnlyList<TimelineEntry> After(TimelineFilter filter, long seq, int limit, CancellationToken ct) =>
        [.. Matching(filter).Where(entry => entry.Seq > seq).Take(limit)];

    public long LastSeq()
    {
        lock (_lock)
        {
            return Broken is null ? _entries.Count : throw new OperatorException(Broken);
        }
    }

    private List<TimelineEntry> Matching(TimelineFilter filter)
    {
        lock (_lock)
        {
            return Broken is null
                ? [.. _entries.Where(entry => entry.Event.Severity >= filter.Minimum
                    && (filter.Area is null || filter.Area.Kinds.Any(pattern => Topic.Matches(pattern, entry.Event.Kind))))]
                : throw new OperatorException(Broken);
        }
    }
}
