using Belljar.Store.Sqlite;
using Belljar.Testing;
using Microsoft.Data.Sqlite;

namespace Belljar.Store.Tests.Sqlite;

public sealed class SqliteDatabaseTests : IDisposable
{
    private static readonly ModuleSchema Schema = new("t", new Migration(1, """
        CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE child (parent INTEGER NOT NULL REFERENCES parent (id)) STRICT;
        """));

    private readonly TemporaryFolder _folder = new();
    private readonly SqliteDatabase _database;

    public SqliteDatabaseTests()
    {
        _database = SqliteDatabase.Open(_folder["sub/t.db"], new ManualClock(), Schema);
    }

    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("foreign_keys", "1")]
    [InlineData("busy_timeout", "5000")]
    [InlineData("synchronous", "2")]
    [InlineData("page_size", "8192")]
    public void Writer_IsSetUp(string pragma, string value) =>
        Assert.Equal(value, _database.Write(writer => writer.Ask<object>($"PRAGMA {pragma}")!.ToString()));

    [Fact]
    public void Write_ThatThrows_IsRolledBack()
    {
        Assert.Throws<SqliteException>(() => _database.Write(writer =>
        {
            writer.Run("INSERT INTO parent (id) VALUES (1)");
            return writer.Run("INSERT INTO child (parent) VALUES (2)");
        }));

        Assert.Equal(0L, _database.Write(writer => writer.Ask<long>("SELECT count(*) FROM parent")));
    }

    [Fact]
    public void Reader_CannotWrite()
    {
        using var reader = _database.OpenReader();

        Assert.Throws<SqliteException>(() => reader.Run("INSERT INTO parent (id) VALUES (1)"));
    }

    [Fact]
    public void Reader_WhileAWriteIsOpen_SeesTheStateBefore() => _database.Write(writer =>
    {
        writer.Run("INSERT INTO parent (id) VALUES (1)");
        using var reader = _database.OpenReader();
        Assert.Equal(0L, reader.Ask<long>("SELECT count(*) FROM parent"));
        return 0;
    });

    [Fact]
    public void Open_MakesTheFileUnreadableForOthers() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(_database.Path));

    [Fact]
    public void OpenReadOnly_WhereThereIsNone_SaysWhatToDo()
    {
        var refusal = Assert.Throws<StoreException>(() => SqliteDatabase.OpenReadOnly(_folder["absent.db"], Schema));

        Assert.Contains("There is no database at", refusal.Message);
        Assert.Contains("belljar up", refusal.Message);
    }

    [Fact]
    public void Open_WhatIsNoDatabase_IsAStoreException()
    {
        File.WriteAllText(_folder["text.db"], new string('x', 5000));

        Assert.Contains("cannot be opened for writing", Assert.Throws<StoreException>(() => SqliteDatabase.Open(_folder["text.db"], new ManualClock(), Schema)).Message);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }
}
