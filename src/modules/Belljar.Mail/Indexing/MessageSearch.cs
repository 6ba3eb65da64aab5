using System.Text;
using Belljar.Mail.Storage;
using Belljar.Store.Sqlite;
using Microsoft.Data.Sqlite;

namespace Belljar.Mail.Indexing;

/// <summary>From a query to SQL. The text of it is ours alone: what was typed travels as parameters.</summary>
internal static class MessageSearch
{
    public static List<FoundMessage> Run(SqliteConnection connection, MailQuery query, string? mailbox, int limit)
    {
        var sql = new StringBuilder($"SELECT m.mailbox, m.folder, {MessageRows.SummaryColumns} FROM messages m WHERE 1");
        var values = new List<(string Name, object? Value)>();

        void Where(string condition, string name, object value)
        {
            sql.Append(" AND ").Append(condition);
            values.Add((name, value));
        }

        if (query.Wanted.Count > 0)
        {
            Where("m.key IN (SELECT rowid FROM words WHERE words MATCH $wanted)", "$wanted", string.Join(" AND ", query.Wanted));
        }

        if (query.Unwanted.Count > 0)
        {
            Where("m.key NOT IN (SELECT rowid FROM words WHERE words MATCH $unwanted)", "$unwanted", string.Join(" OR ", query.Unwanted));
        }

        if (mailbox is not null)
        {
            Where("m.mailbox = $mailbox", "$mailbox", mailbox);
        }

        if (query.IsRead is { } isRead)
        {
            Where("m.is_read = $read", "$read", isRead);
        }

        if (query.HasAttachment)
        {
            sql.Append(" AND m.attachments > 0");
        }

        if (query.Trusted is { } trusted)
        {
            Where("m.trusted = $trusted", "$trusted", trusted);
        }

        if (query.Since is { } since)
        {
            Where("m.received_at >= $since", "$since", since.UtcTicks);
        }

        if (query.Before is { } before)
        {
            Where("m.received_at < $before", "$before", before.UtcTicks);
        }

        sql.Append(" ORDER BY m.received_at DESC, m.id DESC LIMIT $limit");
        values.Add(("$limit", limit));
        using var command = connection.Statement(sql.ToString(), values.ToArray());
        using var rows = command.ExecuteReader();
        var found = new List<FoundMessage>();
        while (rows.Read())
        {
            found.Add(new FoundMessage(rows.GetString(0), rows.GetString(1) == "sent" ? MailFolder.Sent : MailFolder.Inbox, MessageRows.ReadSummary(rows, 2)));
        }

        return found;
    }
}
