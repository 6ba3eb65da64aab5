using Belljar.Contracts.Events;
using Belljar.Store.Events;
using Belljar.Store.Sqlite;
using Microsoft.Data.Sqlite;

namespace Belljar.Store.Audit;

/// <summary>Walks the audit chain of a log and says where it is broken first, if it is.</summary>
public static class AuditChain
{
    /// <param name="reader">The log; its writer may be at work meanwhile.</param>
    /// <param name="known">
    /// A head that was written down elsewhere (log, journal). Without one the end of the chain can be cut off, and the
    /// whole of it written anew, unnoticed.
    /// </param>
    public static AuditVerdict Verify(EventReader reader, AuditHead? known, CancellationToken ct)
    {
        using var connection = reader.OpenConnection();

        // One view of the file for both statements below.
        using var view = connection.BeginTransaction(deferred: true);
        return new AuditWalk(connection, reader.Kinds, known).Run(ct);
    }

    /// <summary>The end of the chain, read from the file.</summary>
    public static AuditHead Head(EventReader reader)
    {
        using var connection = reader.OpenConnection();
        var (links, hash) = AuditSql.End(connection);
        return new AuditHead(links, Convert.ToHexStringLower(hash));
    }
}
