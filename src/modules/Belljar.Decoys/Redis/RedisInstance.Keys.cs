using System.IO.Enumeration;

namespace Belljar.Decoys.Redis;

/// <content>What is done to keys.</content>
internal sealed partial class RedisInstance
{
    private const int LargestValue = 512 * 1024;

    private string? Keys(string name, IReadOnlyList<string> words, RedisClient client)
    {
        var db = client.Database;
        switch (name)
        {
            case "dbsize":
                return RespText.Number(_keys.Keys(db).Count());
            case "flushall" or "flushdb":
                return Flush(words, name is "flushall" ? null : db);
            case "keys":
                return RespText.Bulks(_keys.Keys(db).Where(key => FileSystemName.MatchesSimpleExpression(words[1], key, ignoreCase: false)));
            case "scan":
                return Scan(words, db);
            case "randomkey":
                return RespText.Bulk(_keys.Keys(db).FirstOrDefault());
            case "set":
                return Set(words, db);
            case "setnx":
                return RespText.Number(_keys.Find(db, words[1]) is null && _keys.Set(db, words[1], RedisValue.Of(words[2])) ? 1 : 0);
            case "setex" or "psetex":
                return !RespText.TryNumber(words[2], out var time) ? RespText.NotInteger : Store(db, words[1], RedisValue.Of(words[3]) with { Expires = In(time, name is "psetex") });
            case "mset":
                return words.Count % 2 == 0 ? RespText.Arity("mset")
                    : words.Skip(1).Chunk(2).All(pair => _keys.Set(db, pair[0], RedisValue.Of(pair[1]))) ? RespText.Ok : RespText.OutOfMemory;
            case "mget":
                return RespText.Array([.. words.Skip(1).Select(key => RespText.Bulk(_keys.Find(db, key) is { Type: "string" } value ? value.Text : null))]);
            case "exists" or "touch":
                return RespText.Number(words.Skip(1).Count(key => _keys.Find(db, key) is not null));
            case "del" or "unlink":
                return RespText.Number(words.Skip(1).Count(key => _keys.Find(db, key) is not null && _keys.Remove(db, key)));
            default:
                return OneKey(name, words, db);
        }
    }

    private string? OneKey(string name, IReadOnlyList<string> words, int db)
    {
        if (words.Count < 2)
        {
            return null;
        }

        var key = words[1];
        var value = _keys.Find(db, key);
        switch (name)
        {
            case "type":
                return RespText.Simple(value?.Type ?? "none");
            case "ttl" or "pttl":
                return RespText.Number(value is null ? -2 : value.Expires is { } end ? (long)(end - clock.GetUtcNow()).TotalMilliseconds / (name is "ttl" ? 1000 : 1) : -1);
            case "expire" or "pexpire":
                return Expire(words, db, value, name is "pexpire");
            case "persist":
                return RespText.Number(value?.Expires is not null && _keys.Set(db, key, value with { Expires = null }) ? 1 : 0);
            case "rename" or "move" or "copy" or "restore" or "dump":
                return Move(name, words, db, value);
            case "get" or "getdel" or "getex" or "getset" or "append" or "strlen" or "incr" or "incrby" or "decr" or "decrby":
                return value is { Type: not "string" } ? RespText.WrongType : Texts(name, words, db, value);
            case "lpush" or "rpush" or "lrange" or "llen" or "lpop" or "rpop":
                return value is { Type: not "list" } ? RespText.WrongType : Lists(name, words, db, value);
            case "sadd" or "smembers" or "scard" or "sismember":
                return value is { Type: not "set" } ? RespText.WrongType : Sets(name, words, db, value);
            case "hset" or "hget" or "hgetall" or "hlen" or "hkeys" or "hvals":
                return value is { Type: not "hash" } ? RespText.WrongType : Hashes(name, words, db, value);
            case "zadd":
                return RespText.Number(1);
            case "zrange":
                return RespText.EmptyArray;
            case "zcard":
                return RespText.Number(0);
            case "zscore":
                return RespText.Null;
            default:
                return null;
        }
    }

    private string Store(int db, string key, RedisValue value) =>
        value.Size <= LargestValue && _keys.Set(db, key, value) ? RespText.Ok : RespText.OutOfMemory;

    private DateTimeOffset In(long time, bool isMilliseconds) =>
        clock.GetUtcNow() + TimeSpan.FromMilliseconds(Math.Clamp(time, 0, int.MaxValue) * (isMilliseconds ? 1.0 : 1000.0));

    private string Flush(IReadOnlyList<string> words, int? db)
    {
        if (words.Count > 2 || (words.Count == 2 && words[1].ToLowerInvariant() is not ("async" or "sync")))
        {
            return RespText.SyntaxError;
        }

        _keys.Clear(db);
        return RespText.Ok;
    }

    private string Scan(IReadOnlyList<string> words, int db)
    {
        if (!RespText.TryNumber(words[1], out var cursor) || cursor < 0)
        {
            return RespText.Error("invalid cursor");
        }

        var pattern = "*";
        for (var i = 2; i < words.Count; i += 2)
        {
            if (i + 1 == words.Count || words[i].ToLowerInvariant() is not ("match" or "count" or "type"))
            {
                return RespText.SyntaxError;
            }

            pattern = words[i].Equals("match", StringComparison.OrdinalIgnoreCase) ? words[i + 1] : pattern;
        }

        return RespText.Array(
            [RespText.Bulk("0"), RespText.Bulks(_keys.Keys(db).Where(key => FileSystemName.MatchesSimpleExpression(pattern, key, ignoreCase: false)))]);
    }

    private string Set(IReadOnlyList<string> words, int db)
    {
        var (ifAbsent, ifPresent) = (false, false);
        DateTimeOffset? expires = null;
        for (var i = 3; i < words.Count; i++)
        {
            switch (words[i].ToLowerInvariant())
            {
                case "nx":
                    ifAbsent = true;
                    break;
                case "xx":
                    ifPresent = true;
                    break;
                case "keepttl":
                    break;
                case "ex" or "px" when i + 1 < words.Count:
                    if (!RespText.TryNumber(words[i + 1], out var time))
                    {
                        return RespText.NotInteger;
                    }

                    if (time <= 0)
                    {
                        return RespText.Error("invalid expire time in 'set' command");
                    }

                    expires = In(time, words[i].Equals("px", StringComparison.OrdinalIgnoreCase));
                    i++;
                    break;
                default:
                    return RespText.SyntaxError;
            }
        }

        var isThere = _keys.Find(db, words[1]) is not null;
        return (ifAbsent && isThere) || (ifPresent && !isThere) ? RespText.Null : Store(db, words[1], RedisValue.Of(words[2]) with { Expires = expires });
    }

    private string Expire(IReadOnlyList<string> words, int db, RedisValue? value, bool isMilliseconds)
    {
        if (!RespText.TryNumber(words[2], out var time))
        {
            return RespText.NotInteger;
        }

        return RespText.Number(value is not null && _keys.Set(db, words[1], value with { Expires = In(time, isMilliseconds) }) ? 1 : 0);
    }

    private string Move(string name, IReadOnlyList<string> words, int db, RedisValue? value)
    {
        if (name is "dump" || value is null)
        {
            return name switch
            {
                "rename" => RespText.Error("no such key"),
                "dump" => RespText.Null,
                "restore" => RespText.Error("DUMP payload version or checksum are wrong"),
                _ => RespText.Number(0),
            };
        }

        if (name is "rename")
        {
            _keys.Remove(db, words[1]);
            return Store(db, words[2], value);
        }

        return name is "restore" ? "-BUSYKEY Target key name already exists.\r\n" : RespText.Number(0);
    }

    private string? Texts(string name, IReadOnlyList<string> words, int db, RedisValue? value)
    {
        var text = value?.Text;
        switch (name)
        {
            case "get" or "getex":
                return RespText.Bulk(text);
            case "getdel":
                _keys.Remove(db, words[1]);
                return RespText.Bulk(text);
            case "getset":
                return Store(db, words[1], RedisValue.Of(words[2])) is RespText.OutOfMemory ? RespText.OutOfMemory : RespText.Bulk(text);
            case "strlen":
                return RespText.Number(text?.Length ?? 0);
            case "append":
                return Store(db, words[1], RedisValue.Of(text + words[2])) is RespText.OutOfMemory ? RespText.OutOfMemory : RespText.Number((text + words[2]).Length);
            default:
                return Count(name, words, db, text ?? "0");
        }
    }

    private string Count(string name, IReadOnlyList<string> words, int db, string text)
    {
        var by = 1L;
        if (!RespText.TryNumber(text, out var number) || (words.Count > 2 && !RespText.TryNumber(words[2], out by)))
        {
            return RespText.NotInteger;
        }

        var sum = (Int128)number + (name.StartsWith("decr", StringComparison.Ordinal) ? -(Int128)by : by);
        if (sum < long.MinValue || sum > long.MaxValue)
        {
            return RespText.Error("increment or decrement would overflow");
        }

        return Store(db, words[1], RedisValue.Of(Text((long)sum))) is RespText.OutOfMemory ? RespText.OutOfMemory : RespText.Number((long)sum);
    }

    private string? Lists(string name, IReadOnlyList<string> words, int db, RedisValue? value)
    {
        var items = value?.Items ?? [];
        switch (name)
        {
            case "llen":
                return RespText.Number(items.Count);
            case "lpush" or "rpush":
                IReadOnlyList<string> longer = name is "rpush" ? [.. items, .. words.Skip(2)] : [.. words.Skip(2).Reverse(), .. items];
                return Store(db, words[1], new RedisValue("list", longer)) is RespText.OutOfMemory ? RespText.OutOfMemory : RespText.Number(longer.Count);
            case "lrange":
                return !RespText.TryNumber(words[2], out var first) || !RespText.TryNumber(words[3], out var last) ? RespText.NotInteger
                    : RespText.Bulks(items.Where((_, i) => i >= At(first, items.Count) && i <= At(last, items.Count)));
            default:
                return Pop(words[1], db, items, name is "lpop");
        }
    }

    private static long At(long index, int count) => index < 0 ? index + count : index;

    private string Pop(string key, int db, IReadOnlyList<string> items, bool isLeft)
    {
        if (items.Count == 0)
        {
            return RespText.Null;
        }

        var rest = isLeft ? items.Skip(1) : items.SkipLast(1);
        _keys.Remove(db, key);
        if (items.Count > 1)
        {
            Store(db, key, new RedisValue("list", [.. rest]));
        }

        return RespText.Bulk(isLeft ? items[0] : items[^1]);
    }

    private string Sets(string name, IReadOnlyList<string> words, int db, RedisValue? value)
    {
        var items = value?.Items ?? [];
        switch (name)
        {
            case "scard":
                return RespText.Number(items.Count);
            case "smembers":
                return RespText.Bulks(items);
            case "sismember":
                return RespText.Number(items.Contains(words[2]) ? 1 : 0);
            default:
                IReadOnlyList<string> union = [.. items.Union(words.Skip(2))];
                return Store(db, words[1], new RedisValue("set", union)) is RespText.OutOfMemory ? RespText.OutOfMemory : RespText.Number(union.Count - items.Count);
        }
    }

    private string Hashes(string name, IReadOnlyList<string> words, int db, RedisValue? value)
    {
        var pairs = (value?.Items ?? []).Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        switch (name)
        {
            case "hget":
                return RespText.Bulk(pairs.GetValueOrDefault(words[2]));
            case "hgetall":
                return RespText.Bulks(value?.Items ?? []);
            case "hlen":
                return RespText.Number(pairs.Count);
            case "hkeys":
                return RespText.Bulks(pairs.Keys);
            case "hvals":
                return RespText.Bulks(pairs.Values);
        }

        if (words.Count % 2 == 1)
        {
            return RespText.Arity("hset");
        }

        var before = pairs.Count;
        foreach (var pair in words.Skip(2).Chunk(2))
        {
            pairs[pair[0]] = pair[1];
        }

        var stored = Store(db, words[1], new RedisValue("hash", [.. pairs.SelectMany(pair => new[] { pair.Key, pair.Value })]));
        return stored is RespText.OutOfMemory ? stored : RespText.Number(pairs.Count - before);
    }
}
