using System.Threading.Channels;
using Belljar.Store.Events;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Belljar.Store.Ingest;

/// <summary>
/// The one loop that writes. It never waits for more: whatever batches of whichever connections are there when it comes
/// round make one transaction, so that a commit's cost is shared exactly when there is much to do.
/// </summary>
internal sealed partial class BatchWriter(EventLog log, IngestOptions options, ILogger logger)
{
    // Bounded: a writer that falls behind stops connections from being read.
    private readonly Channel<PendingBatch> _batches = Channel.CreateBounded<PendingBatch>(options.MaxWaitingBatches);

    private readonly List<PendingBatch> _group = [];
    private readonly List<ReceivedEvent> _events = [];
    private long _stored;
    private volatile string? _failure;

    public Action<IReadOnlyList<StoredEvent>>? Committed { get; init; }

    /// <summary>Why the last transaction failed; null when it did not.</summary>
    public string? Failure => _failure;

    public long Stored => Interlocked.Read(ref _stored);

    public ValueTask WriteAsync(PendingBatch batch, CancellationToken ct) => _batches.Writer.WriteAsync(batch, ct);

    /// <summary>No further batches; those that wait are written before <see cref="RunAsync"/> ends.</summary>
    public void Complete() => _batches.Writer.TryComplete();

    public async Task RunAsync()
    {
        while (await _batches.Reader.WaitToReadAsync())
        {
            _group.Clear();
            for (var events = 0; events < options.MaxEventsPerTransaction && _batches.Reader.TryRead(out var batch); events += batch.Events.Count)
            {
                _group.Add(batch);
            }

            CommitGroup();
        }
    }

    private void CommitGroup()
    {
        if (TryCommit(_group, out var error))
        {
            return;
        }

        if (!IsAboutTheData(error!) || _group.Count == 1)
        {
            Fail(_group, error!);
            return;
        }

        // One of them cannot be stored, and must not take the others with it.
        foreach (var batch in _group)
        {
            if (!TryCommit([batch], out error))
            {
                Fail([batch], error!);
            }
        }
    }

    private bool TryCommit(IReadOnlyList<PendingBatch> group, out Exception? error)
    {
        _events.Clear();
        foreach (var batch in group)
        {
            _events.AddRange(batch.Events);
        }

        IReadOnlyList<StoredEvent> stored;
        try
        {
            stored = log.Append(_events);
        }
        catch (Exception e) when (e is SqliteException or ArgumentException or IOException)
        {
            error = e;
            return false;
        }

        error = null;
        _failure = null;
        Interlocked.Add(ref _stored, stored.Count);
        foreach (var batch in group)
        {
            batch.Answer(BatchOutcome.Stored);
        }

        Announce(stored);
        return true;
    }

    private void Announce(IReadOnlyList<StoredEvent> stored)
    {
        if (Committed is null || stored.Count == 0)
        {
            return;
        }

        try
        {
            Committed(stored);
        }
        catch (Exception e)
        {
            // A doorbell that does not ring is no reason to stop recording.
            LogAnnouncing(e);
        }
    }

    private void Fail(IReadOnlyList<PendingBatch> group, Exception error)
    {
        var outcome = IsAboutTheData(error) ? BatchOutcome.Rejected("the log does not accept it") : BatchOutcome.NotNow;
        if (outcome == BatchOutcome.NotNow)
        {
            _failure = error.Message;
        }

        LogNotStored(error, group.Sum(batch => batch.Events.Count), log.Path);
        foreach (var batch in group)
        {
            batch.Answer(outcome);
        }
    }

    private static bool IsAboutTheData(Exception error)
    {
        const int tooBig = 18, constraint = 19, mismatch = 20;
        return error is ArgumentException or SqliteException { SqliteErrorCode: tooBig or constraint or mismatch };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} events could not be written to {Path}; their producers keep them. Check the disk")]
    private partial void LogNotStored(Exception error, int count, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Announcing stored events failed")]
    private partial void LogAnnouncing(Exception error);
}
