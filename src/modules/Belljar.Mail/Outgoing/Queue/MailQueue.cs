using System.Text.Json;
using Belljar.Store;
using Belljar.Store.Sqlite;
using Microsoft.Data.Sqlite;

namespace Belljar.Mail.Outgoing.Queue;

/// <summary>
/// The durable queue, one SQLite file. The daemon alone sends from it; the operator's commands open it beside the daemon, which
/// looks every few seconds for what they changed.
/// </summary>
public sealed class MailQueue : IDisposable
{
    /// <summary>How long an idempotency key is remembered.</summary>
    private static readonly TimeSpan KeysLast = TimeSpan.FromHours(24);

    private readonly SqliteDatabase _database;
    private readonly QueueCommits _commits;
    private readonly TimeProvider _clock;

    private MailQueue(SqliteDatabase database, TimeProvider clock)
    {
        _database = database;
        _commits = new QueueCommits(database);
        _clock = clock;
    }

    /// <param name="mailData">The folder that holds <c>inbox</c> and <c>sent</c>; the queue lies in it too.</param>
    /// <exception cref="StoreException">It cannot be written by this user, or a newer Belljar made it.</exception>
    public static MailQueue Open(string mailData, TimeProvider clock) =>
        new(SqliteDatabase.Open(Path.Combine(mailData, "queue.db"), clock, MailQueueSchema.Schema), clock);

    /// <summary>Everything that waits, the next to be tried first.</summary>
    public IReadOnlyList<QueueEntry> List()
    {
        using var reader = _database.OpenReader();
        using var command = reader.Statement("""
            SELECT m.id, m.message_id, m.mailbox, m.sender, r.address, m.size, r.attempts, m.created_at, r.next_at, r.reply
            FROM recipients r JOIN messages m ON m.key = r.message WHERE r.state = 'queued' ORDER BY r.next_at, r.key
            """);
        using var rows = command.ExecuteReader();
        var found = new List<QueueEntry>();
        while (rows.Read())
        {
            found.Add(new QueueEntry(
                rows.GetString(0), rows.GetString(1), rows.IsDBNull(2) ? null : rows.GetString(2), rows.GetString(3), rows.GetString(4), rows.GetInt64(5),
                rows.GetInt32(6), Time(rows.GetInt64(7)), Time(rows.GetInt64(8)), rows.GetString(9)));
        }

        return found;
    }

    /// <summary>Tries again as soon as the daemon looks: everything, or one message.</summary>
    /// <returns>Recipients.</returns>
    public Task<int> RetryAsync(string? id) => _commits.RunAsync(connection => connection.Run(
        "UPDATE recipients SET next_at = 0 WHERE state = 'queued' AND ($id IS NULL OR message IN (SELECT key FROM messages WHERE id = $id))", ("$id", id)));

    /// <summary>Takes a message, or one recipient of it, out; nobody is told. What is being sent this moment may still arrive.</summary>
    /// <returns>Recipients.</returns>
    public Task<int> DropAsync(string id, string? recipient) => _commits.RunAsync(connection => connection.Run(
        """
        UPDATE recipients SET state = 'dropped', changed_at = $now, reply = 'dropped by the operator'
        WHERE state = 'queued' AND message IN (SELECT key FROM messages WHERE id = $id) AND ($recipient IS NULL OR address = $recipient COLLATE NOCASE)
        """,
        ("$id", id), ("$recipient", recipient), ("$now", Now())));

    /// <summary>
    /// The mailbox is deleted: what it handed in is still delivered, but is nobody's sent mail any more, and whoever gets the name
    /// next finds neither keys nor counts of it.
    /// </summary>
    public Task<int> DisownAsync(string mailbox) => _commits.RunAsync(connection =>
    {
        connection.Run("DELETE FROM submissions WHERE mailbox = $mailbox", ("$mailbox", mailbox));
        connection.Run("DELETE FROM sent_counts WHERE mailbox = $mailbox", ("$mailbox", mailbox));
        return connection.Run("UPDATE messages SET mailbox = NULL, stem = NULL WHERE mailbox = $mailbox", ("$mailbox", mailbox));
    });

    /// <summary>Addresses that refused mail for good; nothing more is sent to them.</summary>
    public IReadOnlyList<SuppressedAddress> Suppressed()
    {
        using var reader = _database.OpenReader();
        using var command = reader.Statement("SELECT address, at, reply FROM suppressed ORDER BY at DESC, address");
        using var rows = command.ExecuteReader();
        var found = new List<SuppressedAddress>();
        while (rows.Read())
        {
            found.Add(new SuppressedAddress(rows.GetString(0), Time(rows.GetInt64(1)), rows.GetString(2)));
        }

        return found;
    }

    /// <summary>Mail may be sent to it again.</summary>
    public Task<bool> ReleaseAsync(string address) =>
        _commits.RunAsync(connection => connection.Run("DELETE FROM suppressed WHERE address = $address", ("$address", address.ToLowerInvariant())) > 0);

    public void Dispose()
    {
        _commits.Dispose();
        _database.Dispose();
    }

    /// <summary>What the key stands for already; null where it is new, or older than a day.</summary>
    internal (byte[] Hash, string MessageId, string Id)? FindSubmission(string mailbox, string key)
    {
        using var reader = _database.OpenReader();
        return FindSubmission(reader, mailbox, key);
    }

    /// <summary>Stores the message, or finds that its idempotency key, suppression or the hour's count forbids it, in one transaction.</summary>
    /// <param name="storing">Told of the message's key before anybody can read the message.</param>
    internal Task<EnqueueResult> EnqueueAsync(NewMessage message, string? idempotencyKey, byte[] hash, int mostPerHour, Action<long>? storing = null) => _commits.RunAsync<EnqueueResult>(connection =>
    {
        if (idempotencyKey is not null && FindSubmission(connection, message.Mailbox!, idempotencyKey) is { } known)
        {
            return known.Hash.AsSpan().SequenceEqual(hash)
                ? new EnqueueResult.Repeated(known.MessageId, known.Id)
                : new EnqueueResult.KeyReused();
        }

        if (message.Recipients.Select(recipient => recipient.ToString().ToLowerInvariant()).FirstOrDefault(address => IsSuppressed(connection, address)) is { } suppressed)
        {
            return new EnqueueResult.Suppressed(suppressed);
        }

        if (!Count(connection, message, mostPerHour))
        {
            return new EnqueueResult.TooMany();
        }

        if (idempotencyKey is not null)
        {
            connection.Run("DELETE FROM submissions WHERE at < $old", ("$old", Now() - (long)KeysLast.TotalMilliseconds));
            connection.Run(
                "INSERT INTO submissions (mailbox, key, hash, message_id, id, at) VALUES ($mailbox, $key, $hash, $message, $id, $now)",
                ("$mailbox", message.Mailbox), ("$key", idempotencyKey), ("$hash", hash), ("$message", message.MessageId), ("$id", message.Id), ("$now", Now()));
        }

        var queued = Insert(connection, message);
        storing?.Invoke(queued.Key);
        return queued;
    });

    /// <summary>
    /// Stores an attempt's outcome, and the report of what failed, in one transaction. What the operator dropped meanwhile stays
    /// dropped, unless it has been delivered.
    /// </summary>
    /// <param name="report">Of those that fail now; null where nobody is to be told.</param>
    /// <returns>All recipients of the message, as they are now.</returns>
    internal Task<IReadOnlyList<QueuedRecipient>> RecordAsync(QueuedMessage message, IReadOnlyList<RecipientOutcome> outcomes, TimeSpan lifetime, Func<IReadOnlyList<RecipientOutcome>, NewMessage?> report) =>
        _commits.RunAsync<IReadOnlyList<QueuedRecipient>>(connection =>
        {
            var now = _clock.GetUtcNow();
            var failed = new List<RecipientOutcome>();
            foreach (var outcome in outcomes)
            {
                var state = StateOf(outcome, message.CreatedAt + lifetime <= now);
                var attempts = outcome.Recipient.Attempts + 1;
                var changed = connection.Run(
                    """
                    UPDATE recipients SET state = $state, attempts = $attempts, next_at = $next, changed_at = $now, reply = $reply
                    WHERE key = $key AND (state = 'queued' OR $state = 'delivered')
                    """,
                    ("$state", Word(state)), ("$attempts", attempts), ("$next", Stamp(now + RetrySchedule.After(attempts))), ("$now", Stamp(now)),
                    ("$reply", outcome.Reply), ("$key", outcome.Recipient.Key));
                if (changed > 0 && state is RecipientState.Failed or RecipientState.Expired)
                {
                    failed.Add(outcome);
                }

                if (changed > 0 && outcome is { Verdict: AttemptVerdict.Failed, Suppresses: true })
                {
                    connection.Run(
                        "INSERT OR IGNORE INTO suppressed (address, at, reply) VALUES ($address, $now, $reply)",
                        ("$address", outcome.Recipient.Address.ToLowerInvariant()), ("$now", Stamp(now)), ("$reply", outcome.Reply));
                }
            }

            if (failed.Count > 0 && report(failed) is { } bounce)
            {
                Insert(connection, bounce);
            }

            return Recipients(connection, message.Key);
        });

    /// <summary>What is to be tried now, message by message, but not for domains that are busy.</summary>
    internal IReadOnlyList<(long Message, string Domain)> Due(IEnumerable<string> busyDomains, int most)
    {
        using var reader = _database.OpenReader();
        using var command = reader.Statement(
            """
            SELECT message, domain FROM recipients
            WHERE state = 'queued' AND next_at <= $now AND domain NOT IN (SELECT value FROM json_each($busy))
            ORDER BY next_at LIMIT $most
            """,
            ("$now", Now()), ("$busy", JsonSerializer.Serialize(busyDomains.ToArray(), QueueJson.Default.StringArray)), ("$most", most));
        using var rows = command.ExecuteReader();
        var found = new List<(long, string)>();
        while (rows.Read())
        {
            found.Add((rows.GetInt64(0), rows.GetString(1)));
        }

        return found;
    }

    /// <summary>Messages of which nobody is left to be tried.</summary>
    internal IReadOnlyList<long> Finished()
    {
        using var reader = _database.OpenReader();
        using var command = reader.Statement(
            "SELECT key FROM messages m WHERE NOT EXISTS (SELECT 1 FROM recipients r WHERE r.message = m.key AND r.state = 'queued')");
        return Keys(command);
    }

    internal IReadOnlyList<long> All()
    {
        using var reader = _database.OpenReader();
        using var command = reader.Statement("SELECT key FROM messages");
        return Keys(command);
    }

    /// <returns>Null when it has gone.</returns>
    internal QueuedMessage? Find(long key)
    {
        using var reader = _database.OpenReader();

        // One reading of both tables.
        using var transaction = reader.BeginTransaction(deferred: true);
        var recipients = Recipients(reader, key);
        using var command = reader.Statement(
            """
            SELECT id, message_id, mailbox, stem, bcc, format, sender, raw, is_eight_bit, is_utf8, is_automatic, created_at FROM messages WHERE key = $key
            """,
            ("$key", key));
        using var row = command.ExecuteReader();
        return row.Read()
            ? new QueuedMessage(
                key, row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), row.GetString(4),
                row.GetString(5), row.GetString(6), row.GetFieldValue<byte[]>(7), row.GetBoolean(8), row.GetBoolean(9), row.GetBoolean(10), Time(row.GetInt64(11)), recipients)
            : null;
    }

    /// <summary>Forgets messages all of whose recipients are done; their sent copies are what stays.</summary>
    internal Task<int> ForgetAsync(IReadOnlyList<long> messages) => _commits.RunAsync(connection => messages.Sum(message => connection.Run(
        "DELETE FROM messages WHERE key = $key AND NOT EXISTS (SELECT 1 FROM recipients WHERE message = $key AND state = 'queued')", ("$key", message))));

    internal (string Id, string Policy, DateTimeOffset Expires)? FindPolicy(string domain)
    {
        using var reader = _database.OpenReader();
        using var command = reader.Statement("SELECT id, policy, expires_at FROM sts_policies WHERE domain = $domain", ("$domain", domain));
        using var row = command.ExecuteReader();
        return row.Read() ? (row.GetString(0), row.GetString(1), Time(row.GetInt64(2))) : null;
    }

    internal Task<int> KeepPolicyAsync(string domain, string id, string policy, DateTimeOffset expires) => _commits.RunAsync(connection => connection.Run(
        "INSERT OR REPLACE INTO sts_policies (domain, id, policy, expires_at) VALUES ($domain, $id, $policy, $expires)",
        ("$domain", domain), ("$id", id), ("$policy", policy), ("$expires", Stamp(expires))));

    private static RecipientState StateOf(RecipientOutcome outcome, bool isTooOld) => outcome.Verdict switch
    {
        AttemptVerdict.Delivered => RecipientState.Delivered,
        AttemptVerdict.Failed => RecipientState.Failed,
        _ => isTooOld ? RecipientState.Expired : RecipientState.Queued,
    };

    private static bool IsSuppressed(SqliteConnection connection, string address) =>
        connection.Ask<long>("SELECT count(*) FROM suppressed WHERE address = $address", ("$address", address)) > 0;

    private bool Count(SqliteConnection connection, NewMessage message, int most)
    {
        if (most == 0 || message.Mailbox is null)
        {
            return true;
        }

        var hour = Now() / 3_600_000;
        connection.Run("DELETE FROM sent_counts WHERE hour < $hour", ("$hour", hour));
        var count = connection.Ask<long>(
            """
            INSERT INTO sent_counts (mailbox, hour, recipients) VALUES ($mailbox, $hour, $count)
            ON CONFLICT DO UPDATE SET recipients = recipients + $count RETURNING recipients
            """,
            ("$mailbox", message.Mailbox), ("$hour", hour), ("$count", message.Recipients.Count));
        if (count <= most)
        {
            return true;
        }

        connection.Run("UPDATE sent_counts SET recipients = recipients - $count WHERE mailbox = $mailbox", ("$mailbox", message.Mailbox), ("$count", message.Recipients.Count));
        return false;
    }

    private EnqueueResult.Queued Insert(SqliteConnection connection, NewMessage message)
    {
        var now = Now();
        var key = connection.Ask<long>(
            """
            INSERT INTO messages (id, message_id, mailbox, stem, bcc, format, sender, raw, size, is_eight_bit, is_utf8, is_automatic, created_at)
            VALUES ($id, $message, $mailbox, $stem, $bcc, $format, $sender, $raw, $size, $eight, $utf8, $automatic, $now) RETURNING key
            """,
            ("$id", message.Id), ("$message", message.MessageId), ("$mailbox", message.Mailbox), ("$stem", message.Stem), ("$bcc", message.Bcc),
            ("$format", message.Format), ("$sender", message.Sender?.ToString() ?? ""), ("$raw", message.Raw), ("$size", message.Raw.Length),
            ("$eight", message.IsEightBit), ("$utf8", message.IsUtf8), ("$automatic", message.IsAutomatic), ("$now", now));
        var recipients = new List<QueuedRecipient>(message.Recipients.Count);
        foreach (var recipient in message.Recipients)
        {
            var row = connection.Ask<long>(
                "INSERT INTO recipients (message, address, domain, state, next_at, changed_at) VALUES ($message, $address, $domain, 'queued', $now, $now) RETURNING key",
                ("$message", key), ("$address", recipient.ToString()), ("$domain", recipient.Domain), ("$now", now));
            recipients.Add(new QueuedRecipient(row, recipient.ToString(), recipient.Domain, RecipientState.Queued, 0, Time(now), Time(now), ""));
        }

        return new EnqueueResult.Queued(key, recipients);
    }

    private (byte[] Hash, string MessageId, string Id)? FindSubmission(SqliteConnection connection, string mailbox, string key)
    {
        using var command = connection.Statement(
            "SELECT hash, message_id, id FROM submissions WHERE mailbox = $mailbox AND key = $key AND at >= $old",
            ("$mailbox", mailbox), ("$key", key), ("$old", Now() - (long)KeysLast.TotalMilliseconds));
        using var row = command.ExecuteReader();
        return row.Read() ? (row.GetFieldValue<byte[]>(0), row.GetString(1), row.GetString(2)) : null;
    }

    private static List<QueuedRecipient> Recipients(SqliteConnection connection, long message)
    {
        using var command = connection.Statement(
            "SELECT key, address, domain, state, attempts, next_at, changed_at, reply FROM recipients WHERE message = $message ORDER BY key", ("$message", message));
        using var rows = command.ExecuteReader();
        var found = new List<QueuedRecipient>();
        while (rows.Read())
        {
            found.Add(new QueuedRecipient(
                rows.GetInt64(0), rows.GetString(1), rows.GetString(2), Enum.Parse<RecipientState>(rows.GetString(3), ignoreCase: true), rows.GetInt32(4),
                Time(rows.GetInt64(5)), Time(rows.GetInt64(6)), rows.GetString(7)));
        }

        return found;
    }

    private static List<long> Keys(SqliteCommand command)
    {
        using var rows = command.ExecuteReader();
        var keys = new List<long>();
        while (rows.Read())
        {
            keys.Add(rows.GetInt64(0));
        }

        return keys;
    }

    private static string Word(RecipientState state) => state.ToString().ToLowerInvariant();

    private long Now() => Stamp(_clock.GetUtcNow());

    private static long Stamp(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static DateTimeOffset Time(long stamp) => DateTimeOffset.FromUnixTimeMilliseconds(stamp);
}
