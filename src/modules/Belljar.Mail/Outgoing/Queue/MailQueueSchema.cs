using Belljar.Store.Sqlite;

namespace Belljar.Mail.Outgoing.Queue;

/// <summary>What waits, and what is remembered of what has gone. Times are milliseconds of Unix.</summary>
internal static class MailQueueSchema
{
    private const string First = """
        CREATE TABLE messages (
          key INTEGER PRIMARY KEY,
          id TEXT NOT NULL UNIQUE,
          message_id TEXT NOT NULL,
          mailbox TEXT,
          stem TEXT,
          bcc TEXT NOT NULL,
          format TEXT NOT NULL,
          sender TEXT NOT NULL,
          raw BLOB NOT NULL,
          size INTEGER NOT NULL,
          is_eight_bit INTEGER NOT NULL,
          is_utf8 INTEGER NOT NULL,
          is_automatic INTEGER NOT NULL,
          created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE recipients (
          key INTEGER PRIMARY KEY,
          message INTEGER NOT NULL REFERENCES messages (key) ON DELETE CASCADE,
          address TEXT NOT NULL,
          domain TEXT NOT NULL,
          state TEXT NOT NULL,
          attempts INTEGER NOT NULL DEFAULT 0,
          next_at INTEGER NOT NULL,
          changed_at INTEGER NOT NULL,
          reply TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX recipients_of_message ON recipients (message);
        CREATE INDEX recipients_due ON recipients (next_at) WHERE state = 'queued';
        CREATE TABLE submissions (
          mailbox TEXT NOT NULL,
          key TEXT NOT NULL,
          hash BLOB NOT NULL,
          message_id TEXT NOT NULL,
          id TEXT NOT NULL,
          at INTEGER NOT NULL,
          PRIMARY KEY (mailbox, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE suppressed (
          address TEXT PRIMARY KEY,
          at INTEGER NOT NULL,
          reply TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE sent_counts (
          mailbox TEXT NOT NULL,
          hour INTEGER NOT NULL,
          recipients INTEGER NOT NULL,
          PRIMARY KEY (mailbox, hour)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE sts_policies (
          domain TEXT PRIMARY KEY,
          id TEXT NOT NULL,
          policy TEXT NOT NULL,
          expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """;

    public static readonly ModuleSchema Schema = new("mail_queue", new Migration(1, First));
}
