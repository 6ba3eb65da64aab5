using Belljar.Contracts.Events;

namespace Belljar.Web.Timeline;

/// <summary>An event with its place in the log.</summary>
/// <param name="Seq">Order of arrival, from 1: the cursor of whoever follows.</param>
internal readonly record struct TimelineEntry(long Seq, BelljarEvent Event);

/// <summary>Reads the record of events. The record is the truth; the bus only says that it is worth looking.</summary>
internal interface IEventReader
{
    /// <summary>Newest first.</summary>
    /// <param name="before">Only what arrived before this one; null for no bound.</param>
    /// <exception cref="Hosting.OperatorException">The record cannot be read now; the message says why.</exception>
    IReadOnlyList<TimelineEntry> Newest(TimelineFilter filter, long? before, int limit, CancellationToken ct);

    /// <summary>Oldest first, what arrived after <paramref name="seq"/>.</summary>
    /// <inheritdoc cref="Newest"/>
    IReadOnlyList<TimelineEntry> After(TimelineFilter filter, long seq, int limit, CancellationToken ct);

    /// <summary>The newest event's number; 0 when there is none.</summary>
    /// <inheritdoc cref="Newest"/>
    long LastSeq();
}
