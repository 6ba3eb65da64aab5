using System.Globalization;
using System.Text;

namespace Belljar.Decoys.Redis;

/// <summary>What INFO says: names as Redis has them, numbers of the decoy's own that move with the hour.</summary>
internal sealed class RedisInfo(DecoyIdentity identity, TimeProvider clock)
{
    public static readonly IReadOnlyList<string> Sections =
        ["server", "clients", "memory", "persistence", "stats", "replication", "cpu", "modules", "errorstats", "cluster", "keyspace"];

    // It has been up since a moment that does not move: a restart of ours is none of its own.
    private readonly DateTimeOffset _start = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(-identity.Between("redis.start", 100_000, 9_000_000));

    public string RunId { get; } = Hex(identity, "redis.run_id");

    private string ReplicationId { get; } = Hex(identity, "redis.replid");

    /// <param name="wanted">Lower case; none: all that INFO shows by default.</param>
    /// <param name="keys">How many keys are in database 0.</param>
    /// <param name="port">The port that was connected to.</param>
    public string Write(IReadOnlyCollection<string> wanted, int keys, int port)
    {
        var all = wanted.Count == 0 || wanted.Any(word => word is "default" or "all" or "everything");
        return string.Join("\r\n", Sections.Where(section => all || wanted.Contains(section)).Select(section => Section(section, keys, port)));
    }

    private string Section(string section, int keys, int port)
    {
        var text = new StringBuilder($"# {char.ToUpperInvariant(section[0])}{section[1..]}\r\n");
        foreach (var (name, value) in Fields(section, keys, port))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}:{value}\r\n");
        }

        return text.ToString();
    }

    private IEnumerable<(string Name, string Value)> Fields(string section, int keys, int port) => section switch
    {
        "server" => Server(port),
        "clients" =>
        [
            ("connected_clients", "1"), ("cluster_connections", "0"), ("maxclients", "10000"), ("client_recent_max_input_buffer", "20480"),
            ("client_recent_max_output_buffer", "0"), ("blocked_clients", "0"), ("tracking_clients", "0"), ("clients_in_timeout_table", "0"),
        ],
        "memory" => Memory(),
        "persistence" => Persistence(),
        "stats" => Stats(),
        "replication" =>
        [
            ("role", "master"), ("connected_slaves", "0"), ("master_failover_state", "no-failover"), ("master_replid", ReplicationId),
            ("master_replid2", new string('0', 40)), ("master_repl_offset", "0"), ("second_repl_offset", "-1"), ("repl_backlog_active", "0"),
            ("repl_backlog_size", "1048576"), ("repl_backlog_first_byte_offset", "0"), ("repl_backlog_histlen", "0"),
        ],
        "cpu" => Cpu(),
        "errorstats" => [("errorstat_ERR", $"count={identity.Between("redis.errors", 1, 40)}")],
        "cluster" => [("cluster_enabled", "0")],
        "keyspace" when keys > 0 => [("db0", $"keys={keys},expires=0,avg_ttl=0")],
        _ => [],
    };

    private IEnumerable<(string, string)> Server(int port)
    {
        var now = clock.GetUtcNow();
        var up = (long)(now - _start).TotalSeconds;
        return
        [
            ("redis_version", Debian12.Redis.Version), ("redis_git_sha1", "00000000"), ("redis_git_dirty", "0"), ("redis_build_id", "ae4d7c971a948f0"),
            ("redis_mode", "standalone"), ("os", $"Linux {DebianKernel} x86_64"), ("arch_bits", "64"), ("monotonic_clock", "POSIX clock_gettime"),
            ("multiplexing_api", "epoll"), ("atomicvar_api", "c11-builtin"), ("gcc_version", "12.2.0"), ("process_id", Text(identity.Between("redis.pid", 410, 980))),
            ("process_supervised", "systemd"), ("run_id", RunId), ("tcp_port", Text(port)), ("server_time_usec", Text(now.ToUnixTimeMilliseconds() * 1000)),
            ("uptime_in_seconds", Text(up)), ("uptime_in_days", Text(up / 86400)), ("hz", "10"), ("configured_hz", "10"),
            ("lru_clock", Text(now.ToUnixTimeSeconds() & 0xffffff)), ("executable", "/usr/bin/redis-server"), ("config_file", "/etc/redis/redis.conf"),
            ("io_threads_active", "0"),
        ];
    }

    private const string DebianKernel = "6.1.0-37-amd64";

    private IEnumerable<(string, string)> Memory()
    {
        var used = identity.Between("redis.used", 900_000, 1_400_000);
        var total = identity.Pick("redis.total", [2076618752L, 4110794752L, 8345366528L, 16777216000L]);
        return
        [
            ("used_memory", Text(used)), ("used_memory_human", Human(used)), ("used_memory_rss", Text(used * 11)), ("used_memory_rss_human", Human(used * 11)),
            ("used_memory_peak", Text(used + 41_000)), ("used_memory_peak_human", Human(used + 41_000)),
            ("used_memory_peak_perc", (100.0 * used / (used + 41_000)).ToString("0.00", CultureInfo.InvariantCulture) + "%"), ("used_memory_startup", "862176"),
            ("total_system_memory", Text(total)), ("total_system_memory_human", Human(total)), ("maxmemory", "0"), ("maxmemory_human", "0B"),
            ("maxmemory_policy", "noeviction"), ("mem_fragmentation_ratio", "11.00"), ("mem_allocator", "jemalloc-5.3.0"),
            ("active_defrag_running", "0"), ("lazyfree_pending_objects", "0"), ("lazyfreed_objects", "0"),
        ];
    }

    private IEnumerable<(string, string)> Persistence() =>
    [
        ("loading", "0"), ("async_loading", "0"), ("rdb_changes_since_last_save", "0"), ("rdb_bgsave_in_progress", "0"),
        ("rdb_last_save_time", Text(_start.AddSeconds(identity.Between("redis.saved", 3000, 90_000)).ToUnixTimeSeconds())), ("rdb_last_bgsave_status", "ok"),
        ("rdb_last_bgsave_time_sec", "0"), ("rdb_current_bgsave_time_sec", "-1"), ("rdb_saves", Text(identity.Between("redis.saves", 2, 60))),
        ("aof_enabled", "0"), ("aof_rewrite_in_progress", "0"), ("aof_last_bgrewrite_status", "ok"), ("aof_last_write_status", "ok"),
    ];

    private IEnumerable<(string, string)> Stats()
    {
        var hours = (long)(clock.GetUtcNow() - _start).TotalHours;
        var commands = hours * identity.Between("redis.per_hour", 40, 4000);
        return
        [
            ("total_connections_received", Text(hours * identity.Between("redis.connections", 1, 30))), ("total_commands_processed", Text(commands)),
            ("instantaneous_ops_per_sec", "0"), ("total_net_input_bytes", Text(commands * 61)), ("total_net_output_bytes", Text(commands * 93)),
            ("rejected_connections", "0"), ("expired_keys", "0"), ("evicted_keys", "0"), ("keyspace_hits", Text(commands / 3)),
            ("keyspace_misses", Text(commands / 41)), ("pubsub_channels", "0"), ("pubsub_patterns", "0"), ("latest_fork_usec", Text(identity.Between("redis.fork", 190, 900))),
        ];
    }

    private IEnumerable<(string, string)> Cpu()
    {
        var seconds = (clock.GetUtcNow() - _start).TotalSeconds;
        return [("used_cpu_sys", Seconds(seconds * 0.0011)), ("used_cpu_user", Seconds(seconds * 0.0013)), ("used_cpu_sys_children", "0.004127"), ("used_cpu_user_children", "0.001310")];
    }

    private static string Human(long bytes) => bytes >= 1 << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):0.00}G")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.00}M");

    private static string Seconds(double seconds) => seconds.ToString("0.000000", CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Hex(DecoyIdentity identity, string question) => string.Concat(
        Enumerable.Range(0, 5).Select(i => identity.Between($"{question}.{i}", 0, uint.MaxValue).ToString("x8", CultureInfo.InvariantCulture)));
}
