using Belljar.Store.Events;
using Belljar.Store.Sqlite;
using Microsoft.Data.Sqlite;

namespace Belljar.Store.Audit;

/// <summary>The statements of the chain.</summary>
internal static class AuditSql
{
    public const string LastCheckpoint = "SELECT position, seq, hash FROM audit_checkpoints ORDER BY position DESC LIMIT 1";

    /// <summary>Links with their events; an event that is gone leaves NULLs.</summary>
    public const string LinksWithEvents = $"""
        SELECT a.position, a.seq, a.id, a.hash, {EventColumns.List}
        FROM audit a LEFT JOIN events e ON e.seq = a.seq ORDER BY a.position
        """;

    /// <summary>Numbers of the events that must have a link, by scanning the table once; the kinds are our own integers.</summary>
    public static string AuditedSeqs(IEnumerable<int> kinds) =>
        $"SELECT seq FROM events WHERE +kind IN ({string.Join(", ", kinds)}) ORDER BY seq";

    /// <summary>Where the chain ends: its last link, or the checkpoint when no link is left behind it.</summary>
    public static (long Links, byte[] Hash) End(SqliteConnection connection)
    {
        const string last = "SELECT position, hash FROM (SELECT position, hash FROM audit UNION ALL "
            + "SELECT position, hash FROM audit_checkpoints) ORDER BY position DESC LIMIT 1";
        using var command = connection.Statement(last);
        using var row = command.ExecuteReader();
        return row.Read() ? (row.GetInt64(0), row.GetFieldValue<byte[]>(1)) : (0, AuditLink.Genesis);
    }
}
