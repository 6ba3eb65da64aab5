using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Store;
using Belljar.Store.Sqlite;
using Microsoft.Data.Sqlite;

namespace Belljar.Mail.Indexing;

/// <summary>
/// The words and the state of every message, taken from the files, which alone are the truth: <see cref="Refresh"/> looks
/// at each file's stamp and reads those that are new or changed. Several processes may hold it open; deleting its file
/// loses nothing.
/// </summary>
public sealed class MailIndex : IDisposable
{
    /// <summary>Messages in one transaction: another process that writes waits no longer than for these.</summary>
    private const int MostInOneTransaction = 200;

    private const int FileIsNoDatabase = 26;
    private const int DatabaseIsCorrupt = 11;

    private readonly SqliteDatabase _database;
    private readonly MailLayout _layout;

    private MailIndex(SqliteDatabase database, MailLayout layout)
    {
        _database = database;
        _layout = layout;
    }

    /// <param name="mailData">The folder that holds <c>inbox</c> and <c>sent</c>; the index lies in it too.</param>
    /// <exception cref="StoreException">The index cannot be written by this user, or a newer Belljar made it.</exception>
    public static MailIndex Open(string mailData, TimeProvider clock)
    {
        var layout = new MailLayout(mailData);
        try
        {
            return Create(layout, clock);
        }
        catch (StoreException failed) when (failed.InnerException is SqliteException { SqliteErrorCode: FileIsNoDatabase or DatabaseIsCorrupt })
        {
            Delete(layout);
            return Create(layout, clock);
        }
    }

    /// <summary>Forgets everything and reads every file again.</summary>
    /// <returns>The number of messages.</returns>
    public int Rebuild(Action<int>? progress, CancellationToken ct)
    {
        _database.Write(MessageRows.Clear);
        return RefreshAll(progress, ct).Read;
    }

    /// <summary>Brings every mailbox up to date, also those that only the disk knows, and drops those that are gone.</summary>
    public IndexChanges RefreshAll(Action<int>? progress, CancellationToken ct)
    {
        var changes = default(IndexChanges);
        foreach (var folder in Enum.GetValues<MailFolder>())
        {
            var before = changes;
            foreach (var mailbox in MailboxFolder.Names(_layout, folder).Union(Known(folder)).ToList())
            {
                changes += Refresh(mailbox, folder, read => progress?.Invoke(before.Read + read), ct);
                before = changes;
            }
        }

        return changes;
    }

    /// <summary>Brings one mailbox up to date with its files.</summary>
    public IndexChanges Refresh(string mailbox, MailFolder folder, Action<int>? progress, CancellationToken ct)
    {
        var known = ReadStamps(mailbox, folder);
        var stale = new List<(MessageLocation Location, FileStamp Stamp)>();
        foreach (var location in new MailboxFolder(_layout.Mailbox(folder, mailbox)).NewestFirst())
        {
            if (FileStamp.Of(location.Path) is not { } stamp)
            {
                continue;
            }

            if (!known.Remove(location.Id, out var remembered) || remembered != stamp)
            {
                stale.Add((location, stamp));
            }
        }

        var read = 0;
        foreach (var some in stale.Chunk(MostInOneTransaction))
        {
            ct.ThrowIfCancellationRequested();
            var messages = some.Select(file => IndexedMessage.Read(folder, mailbox, file.Location, file.Stamp)).OfType<IndexedMessage>().ToList();
            _database.Write(connection => MessageRows.Put(connection, messages));
            read += messages.Count;
            progress?.Invoke(read);
        }

        foreach (var gone in known.Keys.Chunk(MostInOneTransaction))
        {
            _database.Write(connection => MessageRows.Remove(connection, folder, mailbox, gone));
        }

        return new IndexChanges(read, known.Count);
    }

    /// <summary>What the index holds of a mailbox: refresh it first.</summary>
    public (int Messages, int Unread) Count(string mailbox, MailFolder folder)
    {
        using var reader = _database.OpenReader();
        return MessageRows.Count(reader, folder, mailbox);
    }

    /// <summary>Newest first; what the index holds: refresh it first.</summary>
    public IReadOnlyList<MessageSummary> List(string mailbox, MailFolder folder, int limit, bool unreadOnly)
    {
        using var reader = _database.OpenReader();
        return MessageRows.List(reader, folder, mailbox, limit, unreadOnly);
    }

    /// <summary>Newest first. Refresh what is searched first.</summary>
    /// <param name="mailbox">Null for all of them.</param>
    internal IReadOnlyList<FoundMessage> Search(MailQuery query, string? mailbox, int limit, CancellationToken ct)
    {
        using var reader = _database.OpenReader();
        return reader.Interruptibly(() => MessageSearch.Run(reader, query, mailbox, limit), ct);
    }

    public void Dispose() => _database.Dispose();

    private static MailIndex Create(MailLayout layout, TimeProvider clock)
    {
        // Before SQLite has it open: closing another descriptor of its file would take its locks away. The files beside it
        // get the same owner from SQLite.
        if (Directory.Exists(layout.Root) && !File.Exists(layout.Index))
        {
            DurableFiles.Write(layout.Index);
        }

        return new MailIndex(SqliteDatabase.Open(layout.Index, clock, MailIndexSchema.Schema), layout);
    }

    /// <summary>For an index that nothing can be read from any more.</summary>
    private static void Delete(MailLayout layout)
    {
        foreach (var ending in new[] { "", "-wal", "-shm" })
        {
            File.Delete(layout.Index + ending);
        }
    }

    private Dictionary<string, FileStamp> ReadStamps(string mailbox, MailFolder folder)
    {
        using var reader = _database.OpenReader();
        return MessageRows.Stamps(reader, folder, mailbox);
    }

    private List<string> Known(MailFolder folder)
    {
        using var reader = _database.OpenReader();
        return MessageRows.Mailboxes(reader, folder);
    }
}

/// <param name="Read">Messages that were new or changed.</param>
/// <param name="Removed">Messages whose files are gone.</param>
public readonly record struct IndexChanges(int Read, int Removed)
{
    public static IndexChanges operator +(IndexChanges a, IndexChanges b) => new(a.Read + b.Read, a.Removed + b.Removed);
}
