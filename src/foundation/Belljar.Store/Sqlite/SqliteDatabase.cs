using Microsoft.Data.Sqlite;

namespace Belljar.Store.Sqlite;

/// <summary>
/// One SQLite file: a single writing connection (WAL, foreign keys on, busy timeout 5 s) and pooled readers that cannot
/// write. Another process may read at the same time, and should there be a second writer they take turns.
/// </summary>
public sealed class SqliteDatabase : IDisposable
{
    private const UnixFileMode ReadableByGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
    private const int BusySeconds = 5;

    private readonly Lock _writing = new();
    private readonly SqliteConnection? _writer;
    private readonly string _readerConnection;

    private SqliteDatabase(string path, SqliteConnection? writer)
    {
        Path = path;
        _writer = writer;
        _readerConnection = ConnectionString(path, SqliteOpenMode.ReadOnly, pooling: true);
    }

    public string Path { get; }

    /// <summary>The raw handle's connection, for a writer that prepares its own statements. Only inside <see cref="Write{T}"/>.</summary>
    internal SqliteConnection Writer => _writer ?? throw new InvalidOperationException($"{Path} is open for reading.");

    /// <summary>Opens for writing; makes the file (mode 0640) and its folder where there is none, and applies the migrations.</summary>
    /// <exception cref="StoreException">The file is newer than this program, or cannot be opened.</exception>
    public static SqliteDatabase Open(string path, TimeProvider clock, params IEnumerable<ModuleSchema> modules)
    {
        SqliteConnection? writer = null;
        try
        {
            Create(path);
            writer = new SqliteConnection(ConnectionString(path, SqliteOpenMode.ReadWrite, pooling: false));
            writer.Open();
            writer.Run(Pragmas.Writer);
            Migrations.Apply(writer, modules, clock);
            return new SqliteDatabase(path, writer);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            writer?.Dispose();
            throw new StoreException($"{path} cannot be opened for writing: {e.Message}. Check its owner, its mode and the free space.", e);
        }
        catch
        {
            writer?.Dispose();
            throw;
        }
    }

    /// <summary>Opens for reading alone, whoever else is the writer.</summary>
    /// <exception cref="StoreException">There is no such file yet, or its schema is not the one that this program reads.</exception>
    public static SqliteDatabase OpenReadOnly(string path, params IEnumerable<ModuleSchema> modules)
    {
        if (!File.Exists(path))
        {
            throw new StoreException($"There is no database at {path} yet. Start Belljar first (belljar up), which makes it.");
        }

        var database = new SqliteDatabase(path, writer: null);
        try
        {
            using var reader = database.OpenReader();
            Migrations.Check(reader, modules);
            return database;
        }
        catch (SqliteException e)
        {
            throw new StoreException($"{path} cannot be read: {e.Message}. It needs the right to read it and the -wal and -shm files beside it.", e);
        }
    }

    /// <summary>A reader from the pool; dispose it to give it back. It sees what was committed before its first statement.</summary>
    public SqliteConnection OpenReader()
    {
        var reader = new SqliteConnection(_readerConnection);
        try
        {
            reader.Open();
            reader.Run(Pragmas.Reader);
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>One transaction on the one writing connection; callers take turns. An exception rolls it back.</summary>
    public T Write<T>(Func<SqliteConnection, T> work)
    {
        lock (_writing)
        {
            using var transaction = Writer.BeginTransaction(deferred: false);
            var result = work(Writer);
            transaction.Commit();
            return result;
        }
    }

    /// <summary>As <see cref="Write{T}"/>, for a writer that begins and commits by itself.</summary>
    internal T Exclusively<T>(Func<T> work)
    {
        lock (_writing)
        {
            return work();
        }
    }

    public void Dispose()
    {
        lock (_writing)
        {
            _writer?.Dispose();
        }

        using var pooled = new SqliteConnection(_readerConnection);
        SqliteConnection.ClearPool(pooled);
    }

    private static void Create(string path)
    {
        if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        // SQLite would make it 0644; -wal and -shm take the mode of the file itself.
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite,
            UnixCreateMode = ReadableByGroup,
        });
    }

    private static string ConnectionString(string path, SqliteOpenMode mode, bool pooling) => new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = mode,
        Pooling = pooling,
        ForeignKeys = true,
        DefaultTimeout = BusySeconds,
    }.ToString();
}
