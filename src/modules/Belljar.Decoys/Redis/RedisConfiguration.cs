using System.Globalization;
using System.IO.Enumeration;

namespace Belljar.Decoys.Redis;

/// <summary>What CONFIG shows of the configuration that Debian ships, and what it lets nobody change.</summary>
internal static class RedisConfiguration
{
    private static readonly (string Name, string Value)[] Shipped =
    [
        ("appendfilename", "appendonly.aof"), ("appendonly", "no"), ("bind", "127.0.0.1 -::1"), ("daemonize", "yes"), ("databases", "16"),
        ("dbfilename", "dump.rdb"), ("dir", "/var/lib/redis"), ("enable-debug-command", "no"), ("enable-module-command", "no"),
        ("enable-protected-configs", "no"), ("hz", "10"), ("logfile", "/var/log/redis/redis-server.log"), ("loglevel", "notice"), ("maxclients", "10000"),
        ("maxmemory", "0"), ("maxmemory-policy", "noeviction"), ("pidfile", "/run/redis/redis-server.pid"), ("protected-mode", "no"),
        ("rdbchecksum", "yes"), ("rdbcompression", "yes"), ("replica-read-only", "yes"), ("requirepass", ""), ("save", "3600 1 300 100 60 10000"),
        ("slave-read-only", "yes"), ("stop-writes-on-bgsave-error", "yes"), ("tcp-backlog", "511"), ("tcp-keepalive", "300"), ("timeout", "0"),
    ];

    private static readonly HashSet<string> Protected = ["dir", "dbfilename", "enable-debug-command", "enable-module-command", "enable-protected-configs"];

    public static IEnumerable<(string Name, string Value)> Matching(IEnumerable<string> patterns, int port)
    {
        var all = Shipped.Append(("port", port.ToString(CultureInfo.InvariantCulture)));
        return all.Where(pair => patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, pair.Item1)));
    }

    /// <returns>Null when it would be changed.</returns>
    public static string? RefuseSet(IEnumerable<string> words)
    {
        foreach (var pair in words.Chunk(2))
        {
            var name = pair[0].ToLowerInvariant();
            if (pair.Length < 2)
            {
                return RespText.Arity("config|set");
            }

            if (Protected.Contains(name))
            {
                return RespText.Error($"CONFIG SET failed (possibly related to argument '{name}') - can't set protected config");
            }

            if (name is not "port" && !Array.Exists(Shipped, shipped => shipped.Name == name))
            {
                return RespText.Error($"Unknown option or number of arguments for CONFIG SET - '{pair[0]}'");
            }
        }

        return null;
    }
}
