using System.Runtime.InteropServices;
using Belljar.Contracts.Events;
using Belljar.Store.Audit;
using Belljar.Store.Sqlite;
using Microsoft.Data.Sqlite;

namespace Belljar.Store.Events;

/// <summary>
/// Appends batches on the writing connection. It remembers the next number and the end of the audit chain, which is
/// right as long as nobody else writes: the log's lock file sees to that. Called inside the database's exclusive turn.
/// </summary>
internal sealed class EventWriter : IDisposable
{
    private const string InsertEvent = """
        INSERT INTO events (seq, id, time, kind, severity, host, session, attacker, decoy, mailbox, sender_uid, sender_pid, data)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (id) DO NOTHING
        """;

    private const string InsertLink = "INSERT INTO audit (position, seq, id, hash) VALUES (?1, ?2, ?3, ?4)";

    private readonly SqliteConnection _connection;
    private readonly KindTable _kinds;
    private readonly PreparedStatement _insertEvent;
    private readonly PreparedStatement _insertLink;
    private readonly AuditLink _link = new();
    private readonly HashSet<string> _auditKinds;

    private long _lastSeq;
    private long _links;
    private byte[] _lastHash;
    private bool? _syncsFully;

    public EventWriter(SqliteConnection connection, KindTable kinds)
    {
        _connection = connection;
        _kinds = kinds;
        _auditKinds = [.. EventKinds.All.Where(kind => kind.IsAudit).Select(kind => kind.Name)];
        _insertEvent = new PreparedStatement(connection, InsertEvent);
        _insertLink = new PreparedStatement(connection, InsertLink);
        _lastSeq = connection.Ask<long>("SELECT max((SELECT coalesce(max(seq), 0) FROM events), (SELECT last_seq FROM log_state))");
        (_links, _lastHash) = AuditSql.End(connection);
    }

    public AuditHead Head => new(_links, Convert.ToHexStringLower(_lastHash));

    /// <summary>
    /// Stores a batch in one transaction and returns what was new, in order. An id that the log has already is left out.
    /// With an audit event inside, the commit waits for the disk.
    /// </summary>
    public List<StoredEvent> Append(IReadOnlyList<ReceivedEvent> batch)
    {
        var before = (_lastSeq, _links, _lastHash);
        Sync(batch.Any(received => _auditKinds.Contains(received.Event.Kind)));
        _connection.Run("BEGIN IMMEDIATE");
        try
        {
            var stored = new List<StoredEvent>(batch.Count);
            foreach (var received in batch)
            {
                if (Insert(received) is { } fresh)
                {
                    stored.Add(fresh);
                }
            }

            _connection.Run("COMMIT");
            return stored;
        }
        catch
        {
            (_lastSeq, _links, _lastHash) = before;
            RollBack();
            throw;
        }
    }

    /// <summary>A transaction that is not an append (retention), durable when this returns.</summary>
    public T Durably<T>(Func<SqliteConnection, T> work)
    {
        Sync(full: true);
        using var transaction = _connection.BeginTransaction(deferred: false);
        _connection.Run("UPDATE log_state SET last_seq = $last", ("$last", _lastSeq));
        var result = work(_connection);
        transaction.Commit();
        return result;
    }

    public void Dispose()
    {
        _insertEvent.Dispose();
        _insertLink.Dispose();
    }

    private StoredEvent? Insert(in ReceivedEvent received)
    {
        var e = received.Event;
        Span<byte> id = stackalloc byte[16];
        e.Id.TryWriteBytes(id, bigEndian: true, out _);
        var stored = new StoredEvent(_lastSeq + 1, e, received.Sender);
        if (InsertRow(stored, id) == 0)
        {
            return null;
        }

        _lastSeq++;
        if (_auditKinds.Contains(e.Kind))
        {
            Link(stored, id);
        }

        return stored;
    }

    private int InsertRow(in StoredEvent stored, ReadOnlySpan<byte> id)
    {
        var e = stored.Event;
        var kind = _kinds.Find(e.Kind) ?? throw new ArgumentException($"The log has no kind '{e.Kind}'.", nameof(stored));
        _insertEvent.Bind(1, stored.Seq);
        _insertEvent.BindBlob(2, id);
        _insertEvent.Bind(3, EventTime.ToColumn(e.Time));
        _insertEvent.Bind(4, kind);
        _insertEvent.Bind(5, (long)e.Severity);
        _insertEvent.Bind(6, e.Host ?? throw new ArgumentException("The recorder stamps the host.", nameof(stored)));
        _insertEvent.Bind(7, e.Session);
        _insertEvent.Bind(8, e.Attacker);
        _insertEvent.Bind(9, e.Decoy);
        _insertEvent.Bind(10, e.Mailbox);
        _insertEvent.Bind(11, stored.Sender.Uid);
        _insertEvent.Bind(12, stored.Sender.Pid);
        _insertEvent.BindUtf8(13, JsonMarshal.GetRawUtf8Value(e.Data));
        return _insertEvent.Execute();
    }

    private void Link(in StoredEvent stored, ReadOnlySpan<byte> id)
    {
        _lastHash = _link.HashOf(_lastHash, stored);
        _links++;
        _insertLink.Bind(1, _links);
        _insertLink.Bind(2, stored.Seq);
        _insertLink.BindBlob(3, id);
        _insertLink.BindBlob(4, _lastHash);
        _insertLink.Execute();
    }

    /// <summary>The setting belongs to the connection and cannot change inside a transaction.</summary>
    private void Sync(bool full)
    {
        if (_syncsFully != full)
        {
            _connection.Run(full ? Pragmas.SyncFull : Pragmas.SyncNormal);
            _syncsFully = full;
        }
    }

    private void RollBack()
    {
        try
        {
            _connection.Run("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has already rolled back by itself (disk full, I/O error): there is nothing left to undo.
        }
    }
}
