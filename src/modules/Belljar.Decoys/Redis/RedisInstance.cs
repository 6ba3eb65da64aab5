using System.Globalization;

namespace Belljar.Decoys.Redis;

/// <summary>One decoy's instance: what its commands do, and to which keys. Nothing leaves it: there is no replica, no file and no script.</summary>
internal sealed partial class RedisInstance(DecoyIdentity identity, TimeProvider clock, bool isProtected)
{
    private const int Databases = 16;

    private readonly RedisKeyspace _keys = new(identity, clock);
    private readonly RedisInfo _info = new(identity, clock);
    private readonly long _firstClient = identity.Between("redis.client", 40, 9000);
    private long _clients;

    public bool IsProtected => isProtected;

    public long ClientId => _firstClient + Interlocked.Increment(ref _clients);

    /// <param name="name">Lower case; its words were counted.</param>
    public string Do(string name, IReadOnlyList<string> words, RedisClient client)
    {
        lock (_keys.Lock)
        {
            return Server(name, words, client) ?? Keys(name, words, client) ?? RespText.Error("unknown error");
        }
    }

    private string? Server(string name, IReadOnlyList<string> words, RedisClient client)
    {
        switch (name)
        {
            case "ping":
                return words.Count > 2 ? RespText.Arity("ping") : words.Count == 2 ? RespText.Bulk(words[1]) : "+PONG\r\n";
            case "echo":
                return RespText.Bulk(words[1]);
            case "quit":
                client.Quits = true;
                return RespText.Ok;
            case "reset":
                (client.Database, client.Name, client.IsAuthenticated) = (0, null, !isProtected);
                return "+RESET\r\n";
            case "select":
                return Select(words[1], client);
            case "swapdb":
                return !RespText.TryNumber(words[1], out _) ? RespText.Error("invalid first DB index")
                    : !RespText.TryNumber(words[2], out _) ? RespText.Error("invalid second DB index") : RespText.Ok;
            case "info":
                return RespText.Bulk(_info.Write([.. words.Skip(1).Select(word => word.ToLowerInvariant())], _keys.Keys(0).Count(), client.Port));
            case "time":
                return RespText.Bulks([Text(clock.GetUtcNow().ToUnixTimeSeconds()), Text(clock.GetUtcNow().Microsecond + (clock.GetUtcNow().Millisecond * 1000))]);
            case "lastsave":
                return RespText.Number(clock.GetUtcNow().ToUnixTimeSeconds() - 1800);
            case "save" or "unwatch" or "watch" or "replconf":
                return RespText.Ok;
            case "bgsave":
                return RespText.Simple("Background saving started");
            case "bgrewriteaof":
                return RespText.Simple("Background append only file rewriting started");
            case "asking" or "readonly" or "readwrite" or "cluster":
                return RespText.Error("This instance has cluster support disabled");
            case "slaveof" or "replicaof":
                return Replicate(words);
            case "role":
                return RespText.Array([RespText.Bulk("master"), RespText.Number(0), RespText.EmptyArray]);
            case "wait" or "publish":
                return RespText.Number(0);
            case "failover":
                return RespText.Error("FAILOVER requires connected replicas.");
            case "psync" or "sync":
                return $"+FULLRESYNC {_info.RunId} 0\r\n";
            case "shutdown":
                client.Quits = words.Count == 1 || words[1].ToLowerInvariant() is "nosave" or "save" or "now" or "force";
                return client.Quits ? "" : RespText.SyntaxError;
            case "monitor":
                return RespText.Ok;
            case "eval" or "evalsha":
                return Evaluate(words);
            case "lolwut":
                return RespText.Bulk($"Redis ver. {Debian12.Redis.Version}\n");
            case "subscribe" or "psubscribe" or "unsubscribe":
                return string.Concat(words.Skip(1).Select((word, i) => RespText.Array([RespText.Bulk(name), RespText.Bulk(word), RespText.Number(i + 1)])));
            case "debug":
                return NotAllowed("DEBUG", "debug");
            default:
                return Subcommands(name, words, client);
        }
    }

    private string? Subcommands(string name, IReadOnlyList<string> words, RedisClient client)
    {
        var subcommand = words.Count > 1 ? words[1].ToLowerInvariant() : "";
        switch (name, subcommand)
        {
            case ("config", "get"):
                return RespText.Bulks(RedisConfiguration.Matching(words.Skip(2), client.Port).SelectMany(pair => new[] { pair.Name, pair.Value }));
            case ("config", "set"):
                return RedisConfiguration.RefuseSet(words.Skip(2)) ?? RespText.Ok;
            case ("config", _) or ("slowlog", "reset") or ("latency", "reset") or ("memory", "purge") or ("script", "flush"):
                return RespText.Ok;
            case ("client", "getname"):
                return RespText.Bulk(client.Name);
            case ("client", "setname"):
                return SetName(words[2], client);
            case ("client", "id"):
                return RespText.Number(_firstClient);
            case ("client", "list" or "info"):
                return RespText.Bulk($"id={_firstClient} addr=127.0.0.1:41022 laddr=127.0.0.1:{client.Port} fd=8 name={client.Name} age=4 idle=0 flags=N db={client.Database} sub=0 psub=0 ssub=0 multi=-1 qbuf=26 qbuf-free=20448 argv-mem=10 multi-mem=0 rbs=1024 rbp=0 obl=0 oll=0 omem=0 tot-mem=22298 events=r cmd=client|list user=default redir=-1 resp=2\n");
            case ("client", _):
                return RespText.Ok;
            case ("command", "count"):
                return RespText.Number(240);
            case ("acl", "whoami"):
                return RespText.Bulk("default");
            case ("acl", "list"):
                return RespText.Bulks([isProtected ? "user default on sanitize-payload ~* &* +@all" : "user default on nopass ~* &* +@all"]);
            case ("acl", "users"):
                return RespText.Bulks(["default"]);
            case ("acl", "cat") when words.Count > 2:
                return RespText.Error($"Unknown category '{words[2]}'");
            case ("module", "load" or "loadex" or "unload"):
                return NotAllowed("MODULE", "module");
            case ("slowlog", "len"):
                return RespText.Number(0);
            case ("memory" or "object", "usage" or "encoding" or "idletime" or "refcount" or "freq"):
                return _keys.Find(client.Database, words[2]) is null ? RespText.Null : subcommand is "encoding" ? RespText.Bulk("embstr") : RespText.Number(1);
            case ("script", "load"):
                return RespText.Bulk(Convert.ToHexStringLower(Sha1(words[2])));
            case ("command" or "acl" or "module" or "slowlog" or "memory" or "latency" or "script" or "function" or "object", _):
                return RespText.EmptyArray;
            default:
                return null;
        }
    }

    private static string NotAllowed(string command, string option) => RespText.Error(
        $"{command} command not allowed. If the enable-{option}-command option is set to \"local\", you can run it from a local connection, "
        + "otherwise you need to set this option in the configuration file, and then restart the server.");

    private static string Select(string word, RedisClient client)
    {
        if (!RespText.TryNumber(word, out var database))
        {
            return RespText.NotInteger;
        }

        if (database is < 0 or >= Databases)
        {
            return RespText.Error("DB index is out of range");
        }

        client.Database = (int)database;
        return RespText.Ok;
    }

    private static string SetName(string name, RedisClient client)
    {
        if (name.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return RespText.Error("Client names cannot contain spaces, newlines or special characters.");
        }

        client.Name = name;
        return RespText.Ok;
    }

    /// <summary>It agrees, and connects to nobody.</summary>
    private static string Replicate(IReadOnlyList<string> words)
    {
        if (words[1].Equals("no", StringComparison.OrdinalIgnoreCase) && words[2].Equals("one", StringComparison.OrdinalIgnoreCase))
        {
            return RespText.Ok;
        }

        return RespText.TryNumber(words[2], out var port) && port is >= 0 and <= 65535 ? RespText.Ok : RespText.Error("Invalid master port");
    }

    /// <summary>Scripts are recorded and not run; the one that everybody tries first has its answer.</summary>
    private static string Evaluate(IReadOnlyList<string> words)
    {
        if (!RespText.TryNumber(words[2], out _))
        {
            return RespText.NotInteger;
        }

        var script = words[1].Trim();
        return script.StartsWith("return ", StringComparison.Ordinal) && RespText.TryNumber(script[7..].Trim(), out var number)
            ? RespText.Number(number)
            : RespText.Null;
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "Redis names scripts by their SHA-1.")]
    private static byte[] Sha1(string text) => System.Security.Cryptography.SHA1.HashData(System.Text.Encoding.Latin1.GetBytes(text));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
