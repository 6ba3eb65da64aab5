using Belljar.Store.Sqlite;

namespace Belljar.Store.Events;

/// <summary>
/// The tables of the event log and its audit chain. The one place to look for their shape (and, one day, for that on
/// PostgreSQL beside it).
/// </summary>
public static class EventsSchema
{
    /// <summary>
    /// Times are counts of 100 ns since 1970-01-01 UTC. A kind is a small integer, so that its index stays small;
    /// the id columns are indexed only where they are set. <c>log_state.last_seq</c> outlives the rows that retention
    /// removes, so that a number is never given twice. <c>audit.position</c> counts links from 1; a checkpoint says how
    /// many links at the beginning are gone for good and what the hash of the last one was.
    /// </summary>
    private const string First = """
        CREATE TABLE kinds (
          id INTEGER PRIMARY KEY,
          name TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE events (
          seq INTEGER PRIMARY KEY,
          id BLOB NOT NULL,
          time INTEGER NOT NULL,
          kind INTEGER NOT NULL,
          severity INTEGER NOT NULL,
          host TEXT NOT NULL,
          session TEXT,
          attacker TEXT,
          decoy TEXT,
          mailbox TEXT,
          sender_uid INTEGER NOT NULL,
          sender_pid INTEGER NOT NULL,
          data TEXT NOT NULL
        ) STRICT;

        CREATE UNIQUE INDEX events_id ON events (id);
        CREATE INDEX events_time ON events (time);
        CREATE INDEX events_kind ON events (kind);
        CREATE INDEX events_session ON events (session) WHERE session IS NOT NULL;
        CREATE INDEX events_attacker ON events (attacker) WHERE attacker IS NOT NULL;
        CREATE INDEX events_decoy ON events (decoy) WHERE decoy IS NOT NULL;
        CREATE INDEX events_mailbox ON events (mailbox) WHERE mailbox IS NOT NULL;

        CREATE TABLE log_state (
          one INTEGER PRIMARY KEY CHECK (one = 1),
          last_seq INTEGER NOT NULL
        ) STRICT;
        INSERT INTO log_state (one, last_seq) VALUES (1, 0);

        CREATE TABLE audit (
          position INTEGER PRIMARY KEY,
          seq INTEGER NOT NULL,
          id BLOB NOT NULL,
          hash BLOB NOT NULL
        ) STRICT;

        CREATE TABLE audit_checkpoints (
          position INTEGER PRIMARY KEY,
          seq INTEGER NOT NULL,
          hash BLOB NOT NULL,
          time INTEGER NOT NULL
        ) STRICT;
        """;

    public static ModuleSchema Schema { get; } = new("events", new Migration(1, First));
}
