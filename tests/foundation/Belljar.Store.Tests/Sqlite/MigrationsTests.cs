using Belljar.Store.Sqlite;
using Belljar.Testing;
using Microsoft.Data.Sqlite;

namespace Belljar.Store.Tests.Sqlite;

public sealed class MigrationsTests : IDisposable
{
    private static readonly Migration First = new(1, "CREATE TABLE a (x INTEGER) STRICT");
    private static readonly Migration Second = new(2, "ALTER TABLE a ADD COLUMN y TEXT; INSERT INTO a (x, y) VALUES (1, 'one')");

    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    [Fact]
    public void Open_Twice_AppliesEachStepOnce()
    {
        using (Open(First))
        {
        }

        using (Open(First, Second))
        {
        }

        using var database = Open(First, Second);
        Assert.Equal(1L, database.Write(writer => writer.Ask<long>("SELECT count(*) FROM a")));
        Assert.Equal("2026-03-14T09:26:53.0000000+00:00", database.Write(writer => writer.Ask<string>("SELECT applied_at FROM schema_versions WHERE version = 2")));
    }

    [Fact]
    public void Open_StepThatFails_LeavesNothingOfIt()
    {
        using (Open(First))
        {
        }

        var broken = new Migration(2, "CREATE TABLE half (x INTEGER); SELECT no_such_function()");
        Assert.Throws<StoreException>(() => Open(First, broken));

        using var database = Open(First);
        Assert.Equal(0L, database.Write(writer => writer.Ask<long>("SELECT count(*) FROM sqlite_schema WHERE name = 'half'")));
    }

    [Fact]
    public void Open_NewerDatabase_SaysWhatToDo()
    {
        using (Open(First, Second))
        {
        }

        var refusal = Assert.Throws<StoreException>(() => Open(First));

        Assert.Contains("newer Belljar (schema 2 of 'thing'; this one knows 1)", refusal.Message);
        Assert.Contains("Upgrade Belljar", refusal.Message);
        Assert.Throws<StoreException>(() => SqliteDatabase.OpenReadOnly(_folder["a.db"], new ModuleSchema("thing", First)));
    }

    [Fact]
    public void OpenReadOnly_OlderDatabase_NamesTheWriter()
    {
        using (Open(First))
        {
        }

        var refusal = Assert.Throws<StoreException>(() => SqliteDatabase.OpenReadOnly(_folder["a.db"], new ModuleSchema("thing", First, Second)));

        Assert.Contains("Start (or restart) the worker", refusal.Message);
    }

    [Fact]
    public void Schema_WithAGap_IsRefused() => Assert.Throws<ArgumentException>(() => new ModuleSchema("thing", First, Second with { Version = 3 }));

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private SqliteDatabase Open(params Migration[] migrations) =>
        SqliteDatabase.Open(_folder["a.db"], _clock, new ModuleSchema("thing", migrations));
}
