using System.Data.Common;
using Belljar.Hosting;
using Belljar.Store;
using Belljar.Store.Events;

namespace Belljar.Web.Timeline;

/// <summary>The event log's file, opened when it is there: the recorder makes it, and may start after us.</summary>
internal sealed class StoredEventReader(string path) : IEventReader, IDisposable
{
    private readonly Lock _lock = new();
    private EventReader? _reader;

    public IReadOnlyList<TimelineEntry> Newest(TimelineFilter filter, long? before, int limit, CancellationToken ct) =>
        [.. Read(filter, new EventQuery { BeforeSeq = before, Limit = limit, NewestFirst = true }, ct).OrderByDescending(entry => entry.Seq).Take(limit)];

    public IReadOnlyList<TimelineEntry> After(TimelineFilter filter, long seq, int limit, CancellationToken ct) =>
        [.. Read(filter, new EventQuery { AfterSeq = seq, Limit = limit, NewestFirst = false }, ct).OrderBy(entry => entry.Seq).Take(limit)];

    public long LastSeq() => Asking(reader => reader.LastSeq());

    public void Dispose() => _reader?.Dispose();

    private List<TimelineEntry> Read(TimelineFilter filter, EventQuery query, CancellationToken ct)
    {
        var patterns = filter.Area?.Kinds ?? [">"];
        return Asking(reader => patterns
            .SelectMany(pattern => reader.List(query with { KindPattern = pattern, MinimumSeverity = filter.Minimum }, ct))
            .Select(stored => new TimelineEntry(stored.Seq, stored.Event))
            .ToList());
    }

    private T Asking<T>(Func<EventReader, T> ask)
    {
        try
        {
            return ask(Reader());
        }
        catch (Exception failure) when (failure is StoreException or DbException)
        {
            throw new OperatorException($"The record of events cannot be read now: {failure.Message}");
        }
    }

    private EventReader Reader()
    {
        lock (_lock)
        {
            return _reader ??= EventReader.Open(path);
        }
    }
}
