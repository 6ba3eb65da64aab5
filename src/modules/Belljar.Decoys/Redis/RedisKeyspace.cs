using System.Globalization;
using Belljar.Decoys.World;

namespace Belljar.Decoys.Redis;

/// <summary>What one decoy's instance holds, shared by its visitors and bounded: at the bound it is out of memory.</summary>
internal sealed class RedisKeyspace
{
    private const int MostKeys = 4096;
    private const long MostBytes = 8 << 20;

    private readonly Dictionary<(int Database, string Key), RedisValue> _values = [];
    private readonly TimeProvider _clock;
    private long _bytes;

    public RedisKeyspace(DecoyIdentity identity, TimeProvider clock)
    {
        _clock = clock;
        foreach (var person in DecoyPerson.Of(identity))
        {
            var token = identity.Between($"redis.session.{person.Login}", 0x1000000000000, 0xfffffffffffff).ToString("x", CultureInfo.InvariantCulture);
            Seed($"session:{token}", $"{{\"user\":\"{person.Login}\",\"name\":\"{person.First} {person.Last}\",\"role\":\"{identity.Pick($"redis.role.{person.Login}", ["user", "user", "editor", "admin"])}\"}}");
        }

        foreach (var table in DecoyDatabase.Of(identity).SelectMany(database => database.Tables.Where(table => table.Name == "customers")))
        {
            foreach (var row in table.Rows.Take(6))
            {
                Seed($"cache:{table.Database}:customer:{row[0]}", $"{{\"company\":\"{row[1]}\",\"city\":\"{row[2]}\"}}");
            }
        }

        Seed("stats:logins", identity.Between("redis.logins", 900, 90000).ToString(CultureInfo.InvariantCulture));
    }

    public Lock Lock { get; } = new();

    public IEnumerable<string> Keys(int database) =>
        from entry in _values.ToArray() where entry.Key.Database == database && Find(database, entry.Key.Key) is not null select entry.Key.Key;

    public RedisValue? Find(int database, string key)
    {
        if (!_values.TryGetValue((database, key), out var value))
        {
            return null;
        }

        if (value.Expires is { } end && end <= _clock.GetUtcNow())
        {
            Remove(database, key);
            return null;
        }

        return value;
    }

    /// <returns>False when there is no room.</returns>
    public bool Set(int database, string key, RedisValue value)
    {
        var before = _values.TryGetValue((database, key), out var old) ? old.Size : 0;
        if ((before == 0 && _values.Count >= MostKeys) || _bytes - before + value.Size + key.Length > MostBytes)
        {
            return false;
        }

        _bytes += value.Size - before;
        _values[(database, key)] = value;
        return true;
    }

    public bool Remove(int database, string key)
    {
        if (!_values.Remove((database, key), out var value))
        {
            return false;
        }

        _bytes -= value.Size;
        return true;
    }

    public void Clear(int? database)
    {
        foreach (var (key, _) in _values.ToArray())
        {
            if (database is null || key.Database == database)
            {
                Remove(key.Database, key.Key);
            }
        }
    }

    private void Seed(string key, string text) => Set(0, key, RedisValue.Of(text));
}

/// <summary>A value: a string, or the items of a list, set or hash (names and values in turn).</summary>
/// <param name="Type">As TYPE says it.</param>
internal sealed record RedisValue(string Type, IReadOnlyList<string> Items, DateTimeOffset? Expires = null)
{
    // What an entry costs beside its bytes.
    private const int Overhead = 64;

    public string Text => Items[0];

    public long Size { get; } = Items.Sum(item => (long)item.Length + Overhead);

    public static RedisValue Of(string text) => new("string", [text]);
}
