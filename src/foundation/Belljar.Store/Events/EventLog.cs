using Belljar.Contracts.Events;
using Belljar.Store.Audit;
using Belljar.Store.Sqlite;

namespace Belljar.Store.Events;

/// <summary>
/// The append-only log of events, opened by its one writer, the recorder. A lock file beside it keeps a second writer
/// out, also after kill -9 (the kernel drops the lock). Everybody else reads with <see cref="EventReader.Open"/>.
/// </summary>
public sealed class EventLog : IDisposable
{
    private readonly FileStream _lock;
    private readonly SqliteDatabase _database;
    private readonly KindTable _kinds;
    private readonly EventWriter _writer;

    private EventLog(FileStream lockFile, SqliteDatabase database)
    {
        _lock = lockFile;
        _database = database;
        _kinds = new KindTable();
        _kinds.Add(database.Writer, EventKinds.All.Names);
        _writer = new EventWriter(database.Writer, _kinds);
        Reader = new EventReader(database, _kinds);
    }

    public EventReader Reader { get; }

    public string Path => _database.Path;

    /// <summary>The end of the audit chain, for the hourly line in log and journal.</summary>
    public AuditHead Head => _database.Exclusively(() => _writer.Head);

    /// <exception cref="StoreException">Another recorder has it open, it is newer than this program, or cannot be opened.</exception>
    public static EventLog Open(string path, TimeProvider clock)
    {
        var lockFile = Lock(path + ".lock");
        SqliteDatabase? database = null;
        try
        {
            database = SqliteDatabase.Open(path, clock, EventsSchema.Schema);
            return new EventLog(lockFile, database);
        }
        catch
        {
            database?.Dispose();
            lockFile.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Stores a batch in one transaction: all of it, or an exception and nothing. Returns what was new; an id that is in
    /// the log already stays as it is. Kinds must be of <see cref="EventKinds.All"/> and hosts set.
    /// </summary>
    public IReadOnlyList<StoredEvent> Append(IReadOnlyList<ReceivedEvent> batch) =>
        batch.Count == 0 ? [] : _database.Exclusively(() => _writer.Append(batch));

    internal T Durably<T>(Func<Microsoft.Data.Sqlite.SqliteConnection, T> work) => _database.Exclusively(() => _writer.Durably(work));

    internal KindTable Kinds => _kinds;

    public void Dispose()
    {
        _writer.Dispose();
        _database.Dispose();
        _lock.Dispose();
    }

    private static FileStream Lock(string path)
    {
        try
        {
            if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }

            // FileShare.None is flock(LOCK_EX | LOCK_NB) on Unix.
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StoreException($"{path} cannot be opened: {e.Message} The log is written by the recorder's user alone.", e);
        }
        catch (IOException e)
        {
            throw new StoreException($"Another recorder is writing this log ({path} is locked). Stop it first: belljar status.", e);
        }
    }
}
