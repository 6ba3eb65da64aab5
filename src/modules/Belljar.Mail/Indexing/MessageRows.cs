using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Store.Sqlite;
using Microsoft.Data.Sqlite;

namespace Belljar.Mail.Indexing;

/// <summary>The index's rows: written, removed, read.</summary>
internal static class MessageRows
{
    /// <summary>What <see cref="ReadSummary"/> reads, from the column it is told on.</summary>
    public const string SummaryColumns = "m.id, m.sender, m.recipients, m.subject, m.date, m.date_offset, m.received_at, m.is_read, m.trusted, m.attachments, m.problem";

    public static int Put(SqliteConnection connection, IReadOnlyList<IndexedMessage> messages)
    {
        foreach (var message in messages)
        {
            Remove(connection, message.Folder, message.Mailbox, [message.Summary.Id]);
            Put(connection, message);
        }

        return messages.Count;
    }

    public static int Remove(SqliteConnection connection, MailFolder folder, string mailbox, IReadOnlyList<string> ids)
    {
        foreach (var id in ids)
        {
            if (connection.Ask<object>("SELECT key FROM messages WHERE folder = $f AND mailbox = $m AND id = $id", ("$f", Word(folder)), ("$m", mailbox), ("$id", id)) is long key)
            {
                connection.Run("DELETE FROM words WHERE rowid = $key", ("$key", key));
                connection.Run("DELETE FROM messages WHERE key = $key", ("$key", key));
            }
        }

        return ids.Count;
    }

    public static int Clear(SqliteConnection connection)
    {
        connection.Run("DELETE FROM words");
        return connection.Run("DELETE FROM messages");
    }

    public static Dictionary<string, FileStamp> Stamps(SqliteConnection connection, MailFolder folder, string mailbox)
    {
        using var command = connection.Statement(
            "SELECT id, inode, changed, size FROM messages WHERE folder = $f AND mailbox = $m", ("$f", Word(folder)), ("$m", mailbox));
        using var rows = command.ExecuteReader();
        var stamps = new Dictionary<string, FileStamp>(StringComparer.Ordinal);
        while (rows.Read())
        {
            stamps.Add(rows.GetString(0), new FileStamp(rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3)));
        }

        return stamps;
    }

    public static List<string> Mailboxes(SqliteConnection connection, MailFolder folder)
    {
        using var command = connection.Statement("SELECT DISTINCT mailbox FROM messages WHERE folder = $f", ("$f", Word(folder)));
        using var rows = command.ExecuteReader();
        var names = new List<string>();
        while (rows.Read())
        {
            names.Add(rows.GetString(0));
        }

        return names;
    }

    public static (int Messages, int Unread) Count(SqliteConnection connection, MailFolder folder, string mailbox)
    {
        using var command = connection.Statement(
            "SELECT count(*), coalesce(sum(1 - is_read), 0) FROM messages WHERE folder = $f AND mailbox = $m", ("$f", Word(folder)), ("$m", mailbox));
        using var rows = command.ExecuteReader();
        rows.Read();
        return (rows.GetInt32(0), rows.GetInt32(1));
    }

    public static List<MessageSummary> List(SqliteConnection connection, MailFolder folder, string mailbox, int limit, bool unreadOnly)
    {
        using var command = connection.Statement(
            $"SELECT {SummaryColumns} FROM messages m WHERE m.folder = $f AND m.mailbox = $m AND m.is_read <= $read ORDER BY m.received_at DESC, m.id DESC LIMIT $limit",
            ("$f", Word(folder)), ("$m", mailbox), ("$read", unreadOnly ? 0 : 1), ("$limit", limit));
        using var rows = command.ExecuteReader();
        var messages = new List<MessageSummary>();
        while (rows.Read())
        {
            messages.Add(ReadSummary(rows, 0));
        }

        return messages;
    }

    public static MessageSummary ReadSummary(SqliteDataReader row, int at) => new(
        row.GetString(at),
        row.GetString(at + 1),
        row.GetString(at + 2),
        row.GetString(at + 3),
        row.IsDBNull(at + 4) ? null : new DateTimeOffset(row.GetInt64(at + 4), TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(row.GetInt64(at + 5))),
        new DateTimeOffset(row.GetInt64(at + 6), TimeSpan.Zero),
        row.GetBoolean(at + 7),
        row.GetString(at + 8),
        row.GetInt32(at + 9),
        row.IsDBNull(at + 10) ? null : row.GetString(at + 10));

    public static string Word(MailFolder folder) => folder is MailFolder.Inbox ? "inbox" : "sent";

    private static void Put(SqliteConnection connection, IndexedMessage message)
    {
        var about = message.Summary;
        connection.Run(
            """
            INSERT INTO messages (folder, mailbox, id, inode, changed, size, sender, recipients, subject, date, date_offset, received_at, is_read, trusted, attachments, problem)
            VALUES ($folder, $mailbox, $id, $inode, $changed, $size, $sender, $recipients, $subject, $date, $offset, $received, $read, $trusted, $attachments, $problem)
            """,
            ("$folder", Word(message.Folder)), ("$mailbox", message.Mailbox), ("$id", about.Id),
            ("$inode", message.Stamp.Inode), ("$changed", message.Stamp.Changed), ("$size", message.Stamp.Size),
            ("$sender", about.From), ("$recipients", about.To), ("$subject", about.Subject),
            ("$date", about.Date?.UtcTicks), ("$offset", about.Date is { } date ? (long)date.Offset.TotalMinutes : null),
            ("$received", about.ReceivedAt.UtcTicks), ("$read", about.IsRead), ("$trusted", about.Trusted),
            ("$attachments", about.Attachments), ("$problem", about.Problem));
        connection.Run(
            "INSERT INTO words (rowid, subject, sender, recipients, body, labels, files) VALUES (last_insert_rowid(), $subject, $sender, $recipients, $body, $labels, $files)",
            ("$subject", about.Subject), ("$sender", about.From), ("$recipients", about.To), ("$body", message.Body),
            ("$labels", message.Labels), ("$files", message.Files));
    }
}
