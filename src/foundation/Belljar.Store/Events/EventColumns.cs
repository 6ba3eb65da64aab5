using System.Text.Json;
using Belljar.Contracts.Events;
using Microsoft.Data.Sqlite;

namespace Belljar.Store.Events;

/// <summary>The columns of one event, in the order of every SELECT and of the INSERT.</summary>
internal static class EventColumns
{
    public const string List =
        "e.seq, e.id, e.time, e.kind, e.severity, e.host, e.session, e.attacker, e.decoy, e.mailbox, e.sender_uid, e.sender_pid, e.data";

    /// <summary>Reads the columns above, beginning at <paramref name="first"/>.</summary>
    /// <exception cref="StoreException">The row is not one that the recorder wrote.</exception>
    public static StoredEvent Read(SqliteDataReader row, Func<int, string> kindName, int first = 0)
    {
        var seq = row.GetInt64(first);
        try
        {
            var e = new BelljarEvent
            {
                Id = new Guid(row.GetFieldValue<byte[]>(first + 1), bigEndian: true),
                Time = EventTime.FromColumn(row.GetInt64(first + 2)),
                Kind = kindName(row.GetInt32(first + 3)),
                Severity = (Severity)row.GetInt32(first + 4),
                Host = row.GetString(first + 5),
                Session = Text(row, first + 6),
                Attacker = Text(row, first + 7),
                Decoy = Text(row, first + 8),
                Mailbox = Text(row, first + 9),
                Data = JsonElement.Parse(row.GetString(first + 12)),
            };
            return new StoredEvent(seq, e, new Sender(row.GetInt32(first + 10), row.GetInt32(first + 11)));
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidCastException or OverflowException or FormatException)
        {
            throw new StoreException($"Event {seq} in the log is damaged: {e.Message} 'belljar audit verify' says what else is.", e);
        }
    }

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
