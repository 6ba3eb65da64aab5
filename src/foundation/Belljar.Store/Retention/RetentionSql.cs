using Belljar.Store.Audit;
using Belljar.Store.Sqlite;
using Microsoft.Data.Sqlite;

namespace Belljar.Store.Retention;

/// <summary>The statements of retention.</summary>
internal static class RetentionSql
{
    private const int RowBytes = 100;

    /// <summary>What is no longer kept of one kind.</summary>
    /// <param name="Before">Happened before this time column.</param>
    /// <param name="UpTo">Or arrived with this number or an earlier one.</param>
    public sealed record Expiry(int Kind, long Before, long UpTo);

    public sealed record AuditStep(IReadOnlyDictionary<int, long> ByKind, AuditHead? Checkpoint);

    /// <summary>The newest event of a kind that no longer fits into so many bytes, counted from the newest; 0 when all fit.</summary>
    public static long LastBeyond(SqliteConnection reader, int kind, long bytes)
    {
        // octet_length looks at the row's header and leaves long data unread.
        using var command = reader.Statement("SELECT seq, octet_length(data) FROM events WHERE kind = $kind ORDER BY seq DESC", ("$kind", kind));
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            bytes -= rows.GetInt64(1) + RowBytes;
            if (bytes < 0)
            {
                return rows.GetInt64(0);
            }
        }

        return 0;
    }

    public static long Remove(SqliteConnection writer, Expiry expiry, int limit) => writer.Run(
        """
        DELETE FROM events WHERE seq IN (
          SELECT seq FROM events WHERE kind = $kind AND (time < $before OR seq <= $upTo) LIMIT $limit)
        """,
        ("$kind", expiry.Kind),
        ("$before", expiry.Before),
        ("$upTo", expiry.UpTo),
        ("$limit", limit));

    /// <summary>
    /// Removes the first links and their events as far as all of them are expired, and replaces the checkpoint in the
    /// same transaction.
    /// </summary>
    public static AuditStep RemoveFirstLinks(SqliteConnection writer, IReadOnlyList<Expiry> expired, int limit, long now)
    {
        var byKind = new Dictionary<int, long>();
        (long Position, long Seq, byte[] Hash)? last = null;
        using (var command = writer.Statement(
            """
            SELECT a.position, a.seq, a.hash, e.kind, e.time FROM audit a LEFT JOIN events e ON e.seq = a.seq
            ORDER BY a.position LIMIT $limit
            """,
            ("$limit", limit)))
        {
            using var rows = command.ExecuteReader();
            while (rows.Read() && IsExpired(rows, expired))
            {
                var kind = rows.GetInt32(3);
                byKind[kind] = byKind.GetValueOrDefault(kind) + 1;
                last = (rows.GetInt64(0), rows.GetInt64(1), rows.GetFieldValue<byte[]>(2));
            }
        }

        if (last is not { } end)
        {
            return new AuditStep(byKind, null);
        }

        RemoveUpTo(writer, end, now);
        return new AuditStep(byKind, new AuditHead(end.Position, Convert.ToHexStringLower(end.Hash)));
    }

    private static bool IsExpired(SqliteDataReader row, IReadOnlyList<Expiry> expired)
    {
        // A link without its event was tampered with: what tells of that is not removed.
        if (row.IsDBNull(3))
        {
            return false;
        }

        var (seq, kind, time) = (row.GetInt64(1), row.GetInt32(3), row.GetInt64(4));
        return expired.Any(expiry => expiry.Kind == kind && (time < expiry.Before || seq <= expiry.UpTo));
    }

    private static void RemoveUpTo(SqliteConnection writer, (long Position, long Seq, byte[] Hash) end, long now)
    {
        writer.Run("DELETE FROM events WHERE seq IN (SELECT seq FROM audit WHERE position <= $position)", ("$position", end.Position));
        writer.Run("DELETE FROM audit WHERE position <= $position", ("$position", end.Position));
        writer.Run("DELETE FROM audit_checkpoints");
        writer.Run(
            "INSERT INTO audit_checkpoints (position, seq, hash, time) VALUES ($position, $seq, $hash, $time)",
            ("$position", end.Position),
            ("$seq", end.Seq),
            ("$hash", end.Hash),
            ("$time", now));
    }
}
