using System.Globalization;
using Belljar.Decoys.World;

namespace Belljar.Decoys.Mysql;

/// <summary>What one decoy's server holds, and says about itself.</summary>
internal sealed class MysqlWorld(DecoyIdentity identity, TimeProvider clock)
{
    private readonly DateTimeOffset _start = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(-identity.Between("mysql.start", 100_000, 9_000_000));
    private readonly IReadOnlyList<DecoyDatabase> _databases = DecoyDatabase.Of(identity);
    private int _thread = (int)identity.Between("mysql.thread", 30, 900);

    public string Version { get; } = $"{Debian12.MariaDb.Version}-MariaDB-{Debian12.MariaDbRevision}";

    public long Uptime => (long)(clock.GetUtcNow() - _start).TotalSeconds;

    public long Questions => Uptime / 340;

    public uint NextThread() => (uint)Interlocked.Increment(ref _thread);

    public bool Has(string database) => Names.Contains(database);

    public DecoyTable? Find(string name, string database)
    {
        var dot = name.IndexOf('.');
        var (schema, table) = dot < 0 ? (database, name) : (name[..dot], name[(dot + 1)..]);
        return _databases.FirstOrDefault(known => known.Name == schema)?.Tables.FirstOrDefault(known => known.Name == table);
    }

    /// <summary>SHOW, and the questions about itself that every client asks.</summary>
    /// <param name="plain">Lower case, single spaces.</param>
    /// <returns>Null for a question of another kind; rows null where a database must be chosen first.</returns>
    public (IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>>? Rows)? Show(string plain, string database, string user, uint thread) => plain switch
    {
        "show databases" or "show schemas" => (["Database"], Rows(Names)),
        "show tables" => ([$"Tables_in_{database}"], database.Length == 0 ? null : Rows(Tables(database))),
        "show grants" => ([$"Grants for {user}@%"], Rows([$"GRANT SELECT, SHOW DATABASES ON *.* TO `{user}`@`%`"])),
        "show processlist" => (
            ["Id", "User", "Host", "db", "Command", "Time", "State", "Info", "Progress"],
            [[Text(thread), user, "localhost", database.Length == 0 ? null : database, "Query", "0", "starting", plain, "0.000"]]),
        "select @@version_comment limit 1" => (["@@version_comment"], Rows(["Debian 12"])),
        "select version()" or "select @@version" => ([plain[7..]], Rows([Version])),
        "select user()" or "select current_user()" => ([plain[7..]], Rows([$"{user}@localhost"])),
        "select database()" => (["database()"], [[database.Length == 0 ? null : database]]),
        "select @@hostname" => (["@@hostname"], Rows([identity.Hostname.Split('.')[0]])),
        "select @@datadir" => (["@@datadir"], Rows(["/var/lib/mysql/"])),
        "select @@secure_file_priv" => (["@@secure_file_priv"], [[null]]),
        "select 1" => (["1"], Rows(["1"])),
        "select now()" => (["now()"], Rows([clock.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)])),
        _ when plain.StartsWith("show variables", StringComparison.Ordinal) || plain.StartsWith("show global variables", StringComparison.Ordinal) => (
            ["Variable_name", "Value"],
            [.. Variables.Where(pair => !plain.Contains('\'') || plain.Contains($"'{pair.Name}'", StringComparison.Ordinal)
                || plain.Contains($"'%{pair.Name.Split('_')[0]}%'", StringComparison.Ordinal)).Select(pair => (string?[])[pair.Name, pair.Value])]),
        _ when plain.StartsWith("show status", StringComparison.Ordinal) => (["Variable_name", "Value"], [["Uptime", Text(Uptime)], ["Questions", Text(Questions)]]),
        _ when plain.StartsWith("show warnings", StringComparison.Ordinal) => (["Level", "Code", "Message"], []),
        _ => null,
    };

    private IReadOnlyList<string> Names =>
        [.. _databases.Select(database => database.Name).Append("information_schema").Append("mysql").Append("performance_schema").Append("sys").Order(StringComparer.Ordinal)];

    private (string Name, string Value)[] Variables =>
    [
        ("character_set_server", "utf8mb4"), ("datadir", "/var/lib/mysql/"), ("hostname", identity.Hostname.Split('.')[0]), ("have_ssl", "DISABLED"),
        ("local_infile", "ON"), ("lower_case_table_names", "0"), ("max_allowed_packet", "16777216"), ("plugin_dir", "/usr/lib/mysql/plugin/"), ("port", "3306"),
        ("secure_file_priv", ""), ("version", Version), ("version_comment", "Debian 12"), ("version_compile_machine", "x86_64"), ("version_compile_os", "debian-linux-gnu"),
    ];

    private IReadOnlyList<string> Tables(string database) =>
        [.. _databases.Where(known => known.Name == database).SelectMany(known => known.Tables).Select(table => table.Name).Order(StringComparer.Ordinal)];

    private static IReadOnlyList<IReadOnlyList<string?>> Rows(IEnumerable<string> values) => [.. values.Select(value => (string?[])[value])];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
