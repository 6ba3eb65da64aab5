using System.Globalization;
using Belljar.Decoys.World;

namespace Belljar.Decoys.Postgres;

/// <summary>What one decoy's cluster holds, and says about itself.</summary>
internal sealed class PostgresWorld(DecoyIdentity identity, TimeProvider clock)
{
    private readonly IReadOnlyList<DecoyDatabase> _databases = DecoyDatabase.Of(identity);
    private int _process = (int)identity.Between("postgres.process", 700, 30000);

    private static string Version =>
        $"PostgreSQL {Debian12.Postgres.Version} ({Debian12.PostgresPackage}) on x86_64-pc-linux-gnu, compiled by {Debian12.Compiler}, 64-bit";

    public int NextProcess() => Interlocked.Increment(ref _process);

    public bool Has(string database) => database is "postgres" or "template1" || _databases.Any(known => known.Name == database);

    public DecoyTable? Find(string name, string database)
    {
        var table = name.StartsWith("public.", StringComparison.OrdinalIgnoreCase) ? name[7..] : name;
        return _databases.FirstOrDefault(known => known.Name == database)?.Tables.FirstOrDefault(known => known.Name.Equals(table, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What a client is told when it is let in.</summary>
    public static IEnumerable<(string Name, string Value)> Parameters(string user) =>
    [
        ("application_name", ""), ("client_encoding", "UTF8"), ("DateStyle", "ISO, MDY"), ("default_transaction_read_only", "on"), ("in_hot_standby", "off"),
        ("integer_datetimes", "on"), ("IntervalStyle", "postgres"), ("is_superuser", "off"), ("server_encoding", "UTF8"),
        ("server_version", $"{Debian12.Postgres.Version} ({Debian12.PostgresPackage})"), ("session_authorization", user),
        ("standard_conforming_strings", "on"), ("TimeZone", "Etc/UTC"),
    ];

    /// <summary>Questions about itself, as people and psql's <c>\l</c> and <c>\dt</c> put them.</summary>
    public (IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)? Show(string plain, string database, string user) => plain switch
    {
        "select version()" => (["version"], [[Version]]),
        "select current_user" or "select user" => (["current_user"], [[user]]),
        "select current_database()" => (["current_database"], [[database]]),
        "select 1" => (["?column?"], [["1"]]),
        "select now()" => (["now"], [[clock.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.ffffff+00", CultureInfo.InvariantCulture)]]),
        "show server_version" => (["server_version"], [[$"{Debian12.Postgres.Version} ({Debian12.PostgresPackage})"]]),
        "show all" => (["name", "setting", "description"], [["server_version", Debian12.Postgres.Version, "Shows the server version."]]),
        _ when plain.StartsWith("select datname from pg_database", StringComparison.Ordinal) => (["datname"], [.. Names.Select(name => (string[])[name])]),
        _ when plain.Contains("pg_catalog.pg_database", StringComparison.Ordinal) => (
            ["Name", "Owner", "Encoding", "Collate", "Ctype", "ICU Locale", "Locale Provider", "Access privileges"],
            [.. Names.Select(name => (string[])[name, "postgres", "UTF8", "en_US.UTF-8", "en_US.UTF-8", "", "libc", ""])]),
        _ when plain.Contains("pg_tables", StringComparison.Ordinal) || plain.Contains("information_schema.tables", StringComparison.Ordinal) => (["tablename"], [.. Tables(database).Select(name => (string[])[name])]),
        _ when plain.Contains("pg_catalog.pg_class", StringComparison.Ordinal) => (
            ["Schema", "Name", "Type", "Owner"], [.. Tables(database).Select(name => (string[])["public", name, "table", "postgres"])]),
        _ => null,
    };

    private IEnumerable<string> Names => _databases.Select(database => database.Name).Concat(["postgres", "template0", "template1"]).Order(StringComparer.Ordinal);

    private IEnumerable<string> Tables(string database) =>
        _databases.Where(known => known.Name == database).SelectMany(known => known.Tables).Select(table => table.Name).Order(StringComparer.Ordinal);
}
