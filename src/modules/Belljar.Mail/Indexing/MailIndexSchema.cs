using Belljar.Store.Sqlite;

namespace Belljar.Mail.Indexing;

/// <summary>What the index holds: a row a message, and its words. All of it can be read from the files again.</summary>
internal static class MailIndexSchema
{
    /// <summary>The texts are not kept a second time (contentless): the files have them.</summary>
    private const string First = """
        CREATE TABLE messages (
          key INTEGER PRIMARY KEY,
          folder TEXT NOT NULL,
          mailbox TEXT NOT NULL,
          id TEXT NOT NULL,
          inode INTEGER NOT NULL,
          changed INTEGER NOT NULL,
          size INTEGER NOT NULL,
          sender TEXT NOT NULL,
          recipients TEXT NOT NULL,
          subject TEXT NOT NULL,
          date INTEGER,
          date_offset INTEGER,
          received_at INTEGER NOT NULL,
          is_read INTEGER NOT NULL,
          trusted TEXT NOT NULL,
          attachments INTEGER NOT NULL,
          problem TEXT,
          UNIQUE (folder, mailbox, id)
        ) STRICT;
        CREATE INDEX messages_by_time ON messages (folder, mailbox, received_at DESC, id DESC);
        CREATE VIRTUAL TABLE words USING fts5(
          subject, sender, recipients, body, labels, files,
          content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
        """;

    public static readonly ModuleSchema Schema = new("mail_index", new Migration(1, First));
}
