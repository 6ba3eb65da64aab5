namespace Belljar.Store.Sqlite;

/// <summary>How connections are set up. Figures are measured by <c>bench/run ingest</c>.</summary>
internal static class Pragmas
{
    /// <summary>
    /// A page of 8 KiB is set before the file has any. The cache is 16 MiB at most and grows only with use; the WAL is
    /// folded back every 4000 pages (32 MiB), so that an index page touched often is written once, and cut to that size.
    /// </summary>
    public const string Writer = """
        PRAGMA page_size = 8192;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA busy_timeout = 5000;
        PRAGMA cache_size = -16384;
        PRAGMA wal_autocheckpoint = 4000;
        PRAGMA journal_size_limit = 33554432;
        PRAGMA temp_store = MEMORY;
        PRAGMA trusted_schema = OFF;
        """;

    /// <summary>Four MiB of cache each: there are several.</summary>
    public const string Reader = """
        PRAGMA query_only = ON;
        PRAGMA busy_timeout = 5000;
        PRAGMA cache_size = -4096;
        PRAGMA trusted_schema = OFF;
        """;

    /// <summary>A commit returns when it is on the disk.</summary>
    public const string SyncFull = "PRAGMA synchronous = FULL";

    /// <summary>A commit survives the death of the process; a power cut may take the last ones.</summary>
    public const string SyncNormal = "PRAGMA synchronous = NORMAL";
}
