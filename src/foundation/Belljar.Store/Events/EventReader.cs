using Belljar.Contracts;
using Belljar.Store.Sqlite;
using Microsoft.Data.Sqlite;

namespace Belljar.Store.Events;

/// <summary>Reads the log, in the recorder's process or in any other that may read the file.</summary>
public sealed class EventReader : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly KindTable _kinds;
    private readonly bool _owned;

    internal EventReader(SqliteDatabase database, KindTable kinds, bool owned = false)
    {
        _database = database;
        _kinds = kinds;
        _owned = owned;
    }

    /// <summary>Opens a log that another process writes.</summary>
    /// <exception cref="StoreException">There is no log yet, or it is not of this program's version; the message says what to do.</exception>
    public static EventReader Open(string path) =>
        new(SqliteDatabase.OpenReadOnly(path, EventsSchema.Schema), new KindTable(), owned: true);

    /// <exception cref="ArgumentException">The pattern or the limit is not one.</exception>
    public IReadOnlyList<StoredEvent> List(EventQuery query, CancellationToken ct)
    {
        using var connection = _database.OpenReader();
        return connection.Interruptibly(() => Page(connection, query), ct);
    }

    /// <summary>
    /// All of them, a page at a time: each page is a read of its own, so that a long export does not keep the recorder
    /// from folding back its WAL. Oldest first it also meets what arrives on the way.
    /// </summary>
    /// <exception cref="ArgumentException">The pattern is not one.</exception>
    public IEnumerable<StoredEvent> Stream(EventQuery query, CancellationToken ct)
    {
        var next = query with { Limit = 1000 };
        while (true)
        {
            var page = List(next, ct);
            foreach (var stored in page)
            {
                yield return stored;
            }

            if (page.Count < next.Limit)
            {
                yield break;
            }

            next = next.NewestFirst ? next with { BeforeSeq = page[^1].Seq } : next with { AfterSeq = page[^1].Seq };
        }
    }

    /// <summary>How many there are, whatever the limit says.</summary>
    public long Count(EventQuery query, CancellationToken ct)
    {
        using var connection = _database.OpenReader();
        if (KindsOf(connection, query) is not { } kinds)
        {
            return 0;
        }

        using var command = EventQuerySql.Count(connection, query, kinds);
        return connection.Interruptibly(() => (long)command.ExecuteScalar()!, ct);
    }

    /// <summary>The number of the newest event; 0 when there is none. Where a follower begins.</summary>
    public long LastSeq()
    {
        using var connection = _database.OpenReader();
        return connection.Ask<long>("SELECT coalesce(max(seq), 0) FROM events");
    }

    public void Dispose()
    {
        if (_owned)
        {
            _database.Dispose();
        }
    }

    internal SqliteConnection OpenConnection()
    {
        var connection = _database.OpenReader();
        _kinds.Load(connection);
        return connection;
    }

    internal KindTable Kinds => _kinds;

    private List<StoredEvent> Page(SqliteConnection connection, EventQuery query)
    {
        if (query.Limit is < 1 or > EventQuery.LargestPage)
        {
            throw new ArgumentException($"A page holds 1 to {EventQuery.LargestPage} events.", nameof(query));
        }

        if (KindsOf(connection, query) is not { } kinds)
        {
            return [];
        }

        using var command = EventQuerySql.Page(connection, query, kinds);
        using var rows = command.ExecuteReader();
        var page = new List<StoredEvent>();
        while (rows.Read())
        {
            page.Add(EventColumns.Read(rows, _kinds.NameOf));
        }

        return page;
    }

    /// <summary>The kinds that the pattern names: empty for all of them, null for none.</summary>
    private IReadOnlyList<int>? KindsOf(SqliteConnection connection, EventQuery query)
    {
        if (query.KindPattern is { } pattern && !Topic.IsValidPattern(pattern))
        {
            throw new ArgumentException($"'{pattern}' is not a pattern of kinds: write 'gate.egress.decision', 'gate.>' or '*.state'.", nameof(query));
        }

        // The recorder may have been upgraded under a reader that stays: it is a handful of rows.
        _kinds.Load(connection);
        if (query.KindPattern is null or ">")
        {
            return [];
        }

        return _kinds.Matching(query.KindPattern) is { Count: > 0 } kinds ? kinds : null;
    }
}
