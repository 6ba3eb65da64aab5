using Microsoft.Data.Sqlite;

namespace Belljar.Store.Sqlite;

/// <summary>Brings a database to the schema that this program knows, or refuses one that is newer.</summary>
internal static class Migrations
{
    private const string Table = """
        CREATE TABLE IF NOT EXISTS schema_versions (
          module TEXT NOT NULL,
          version INTEGER NOT NULL,
          applied_at TEXT NOT NULL,
          PRIMARY KEY (module, version)
        ) STRICT, WITHOUT ROWID
        """;

    /// <exception cref="StoreException">The database was written by a newer Belljar.</exception>
    public static void Apply(SqliteConnection connection, IEnumerable<ModuleSchema> modules, TimeProvider clock)
    {
        connection.Run(Table);
        foreach (var module in modules)
        {
            RefuseNewer(connection, module, VersionOf(connection, module.Module));
            foreach (var migration in module.Migrations)
            {
                Apply(connection, module.Module, migration, clock);
            }
        }
    }

    /// <summary>For a reader, which may not change anything.</summary>
    /// <exception cref="StoreException">The database is newer or older than what this program reads.</exception>
    public static void Check(SqliteConnection connection, IEnumerable<ModuleSchema> modules)
    {
        foreach (var module in modules)
        {
            var version = VersionOf(connection, module.Module);
            RefuseNewer(connection, module, version);
            if (version < module.Version)
            {
                throw new StoreException(
                    $"{connection.DataSource} still has schema {version} of '{module.Module}', and this Belljar reads {module.Version}. "
                    + "Start (or restart) the worker that writes it, which brings it up to date.");
            }
        }
    }

    private static void Apply(SqliteConnection connection, string module, Migration migration, TimeProvider clock)
    {
        using var transaction = connection.BeginTransaction(deferred: false);

        // Asked inside the transaction: another process may have been here first.
        if (VersionOf(connection, module) >= migration.Version)
        {
            return;
        }

        connection.Run(migration.Sql);
        connection.Run(
            "INSERT INTO schema_versions (module, version, applied_at) VALUES ($module, $version, $at)",
            ("$module", module),
            ("$version", migration.Version),
            ("$at", clock.GetUtcNow().ToString("O")));
        transaction.Commit();
    }

    private static void RefuseNewer(SqliteConnection connection, ModuleSchema module, int version)
    {
        if (version > module.Version)
        {
            throw new StoreException(
                $"{connection.DataSource} was written by a newer Belljar (schema {version} of '{module.Module}'; this one knows "
                + $"{module.Version}). Upgrade Belljar, or restore the backup from before the upgrade.");
        }
    }

    private static int VersionOf(SqliteConnection connection, string module)
    {
        if (connection.Ask<long>("SELECT count(*) FROM sqlite_schema WHERE name = 'schema_versions'") == 0)
        {
            return 0;
        }

        return (int)connection.Ask<long>("SELECT coalesce(max(version), 0) FROM schema_versions WHERE module = $module", ("$module", module));
    }
}
