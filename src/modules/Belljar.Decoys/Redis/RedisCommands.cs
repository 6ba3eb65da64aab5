using System.Collections.Frozen;

namespace Belljar.Decoys.Redis;

/// <summary>Which commands there are, and with how many words: what is refused before anything is done.</summary>
internal static class RedisCommands
{
    private const int LongestShown = 128;

    /// <summary>The command counts as a word; a negative number is the least.</summary>
    private static readonly FrozenDictionary<string, int> Arity = Table(
        """
        ping -1 echo 2 quit -1 reset 1 select 2 swapdb 3 dbsize 1 flushdb -1 flushall -1 info -1 time 1 lastsave 1 save 1 bgsave -1 bgrewriteaof 1
        get 2 set -3 setnx 3 setex 4 psetex 4 getset 3 getdel 2 getex -2 mget -2 mset -3 append 3 strlen 2 incr 2 decr 2 incrby 3 decrby 3 del -2 unlink -2
        exists -2 type 2 ttl 2 pttl 2 expire -3 pexpire -3 persist 2 keys 2 scan -2 randomkey 1 rename 3 dump 2 restore -4 move 3 copy -3 touch -2
        lpush -3 rpush -3 llen 2 lrange 4 lpop -2 rpop -2 sadd -3 smembers 2 scard 2 sismember 3 hset -4 hget 3 hgetall 2 hlen 2 hkeys 2 hvals 2
        zadd -4 zrange -4 zcard 2 zscore 3
        multi 1 exec 1 discard 1 watch -2 unwatch 1 publish 3 subscribe -2 unsubscribe -1 psubscribe -2
        config -2 client -2 command -1 acl -2 module -2 debug -2 slowlog -2 memory -2 latency -2 object -2 cluster -2 script -2 function -2
        slaveof 3 replicaof 3 role 1 psync -3 sync 1 replconf -1 wait 3 failover -1 shutdown -1 monitor 1 eval -3 evalsha -3 lolwut -1
        asking 1 readonly 1 readwrite 1
        """);

    private static readonly FrozenDictionary<string, int> SubcommandArity = Table(
        """
        config|get -3 config|set -4 config|rewrite 2 config|resetstat 2 config|help 2
        client|getname 2 client|setname 3 client|list -2 client|id 2 client|info 2 client|kill -3 client|help 2 client|no-evict 3 client|reply 3 client|pause -3
        command|count 2 command|docs -2 command|info -2 command|list -2 command|getkeys -3 command|help 2
        acl|whoami 2 acl|list 2 acl|users 2 acl|cat -2 acl|getuser 3 acl|setuser -3 acl|deluser -3 acl|log -2 acl|help 2
        module|list 2 module|load -3 module|unload 3 module|loadex -3 module|help 2 slowlog|len 2 slowlog|get -2 slowlog|reset 2 slowlog|help 2
        memory|usage -3 memory|doctor 2 memory|stats 2 memory|purge 2 memory|help 2 latency|latest 2 latency|reset -2 latency|doctor 2 latency|help 2
        object|encoding 3 object|idletime 3 object|refcount 3 object|freq 3 object|help 2 script|load 3 script|exists -3 script|flush -2 script|kill 2 script|help 2
        function|list -2 function|load -3 function|stats 2 function|help 2
        """);

    private static readonly FrozenSet<string> Containers = SubcommandArity.Keys.Select(name => name[..name.IndexOf('|')]).ToFrozenSet();

    /// <returns>What is wrong with the command, whoever gives it; null when nothing is.</returns>
    public static string? Refuse(string name, IReadOnlyList<string> words)
    {
        if (!Arity.TryGetValue(name, out var arity))
        {
            return RespText.Error(Unknown(words));
        }

        if (Containers.Contains(name) && words.Count > 1)
        {
            var full = $"{name}|{words[1].ToLowerInvariant()}";
            return !SubcommandArity.TryGetValue(full, out var least)
                ? RespText.Error($"unknown subcommand '{Shown(words[1])}'. Try {name.ToUpperInvariant()} HELP.")
                : Fits(least, words.Count) ? null : RespText.Arity(full);
        }

        return Fits(arity, words.Count) ? null : RespText.Arity(name);
    }

    private static bool Fits(int arity, int words) => arity > 0 ? words == arity : words >= -arity;

    private static string Unknown(IReadOnlyList<string> words)
    {
        var arguments = "";
        for (var i = 1; i < words.Count && arguments.Length < LongestShown; i++)
        {
            var word = Shown(words[i]);
            arguments += $"'{word[..Math.Min(word.Length, LongestShown - arguments.Length)]}' ";
        }

        return $"unknown command '{Shown(words[0])}', with args beginning with: {arguments}".Replace('\r', ' ').Replace('\n', ' ');
    }

    /// <summary>As a C string: it ends at a NUL.</summary>
    private static string Shown(string word)
    {
        var nul = word.IndexOf('\0');
        word = nul < 0 ? word : word[..nul];
        return word[..Math.Min(word.Length, LongestShown)];
    }

    private static FrozenDictionary<string, int> Table(string text) => text
        .Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)
        .Chunk(2)
        .ToFrozenDictionary(pair => pair[0], pair => int.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture));
}
