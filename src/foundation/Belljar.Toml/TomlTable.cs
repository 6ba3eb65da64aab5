using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Belljar.Toml;

/// <summary>Keys and values in the order in which they stood. The root of a document is one too.</summary>
public sealed class TomlTable() : TomlValue(TomlKind.Table), IReadOnlyCollection<KeyValuePair<string, TomlValue>>
{
    private readonly OrderedDictionary<string, TomlValue> _entries = [];

    public int Count => _entries.Count;

    public IReadOnlyList<string> Keys => _entries.Keys;

    /// <summary>How the table came to be, which decides what may be added to it later in the document.</summary>
    internal TableOrigin Origin { get; set; }

    /// <summary>Getting a key that is absent gives null; setting replaces in place or appends.</summary>
    [DisallowNull]
    public TomlValue? this[string key]
    {
        get => _entries.GetValueOrDefault(key);
        set => _entries[key] = value;
    }

    /// <exception cref="ArgumentException">The key is there already.</exception>
    public void Add(string key, TomlValue value) => _entries.Add(key, value);

    public bool Remove(string key) => _entries.Remove(key);

    public bool ContainsKey(string key) => _entries.ContainsKey(key);

    /// <summary>The value if it is there and of that type: <c>table.TryGet("read", out TomlBoolean? read)</c>.</summary>
    public bool TryGet<T>(string key, [NotNullWhen(true)] out T? value)
        where T : TomlValue
    {
        value = _entries.GetValueOrDefault(key) as T;
        return value is not null;
    }

    /// <summary>The string under the key; null where there is none or it is of another type.</summary>
    public string? GetString(string key) => TryGet(key, out TomlString? text) ? text.Value : null;

    /// <summary>The integer under the key; null where there is none or it is of another type.</summary>
    public long? GetInteger(string key) => TryGet(key, out TomlInteger? number) ? number.Value : null;

    /// <summary>The boolean under the key; null where there is none or it is of another type.</summary>
    public bool? GetBoolean(string key) => TryGet(key, out TomlBoolean? boolean) ? boolean.Value : null;

    /// <summary>The offset date-time under the key; null where there is none or it is of another type.</summary>
    public DateTimeOffset? GetDateTime(string key) => TryGet(key, out TomlOffsetDateTime? instant) ? instant.Value : null;

    /// <summary>The array of strings under the key; null where there is none, or it is not an array of strings alone.</summary>
    public IReadOnlyList<string>? GetStrings(string key) =>
        TryGet(key, out TomlArray? array) && array.All(item => item is TomlString)
            ? [.. array.Cast<TomlString>().Select(item => item.Value)]
            : null;

    /// <summary>The tables under the key (<c>[[key]]</c>); empty where there is none, or it is not an array of tables alone.</summary>
    public IReadOnlyList<TomlTable> GetTables(string key) =>
        TryGet(key, out TomlArray? array) && array.All(item => item is TomlTable) ? [.. array.Cast<TomlTable>()] : [];

    public IEnumerator<KeyValuePair<string, TomlValue>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>TOML's rules about who may add to a table (sections Keys, Table and Inline Table).</summary>
internal enum TableOrigin
{
    /// <summary>Made by hand, or the root.</summary>
    Open,

    /// <summary>A parent that a header named in passing: <c>a</c> in <c>[a.b]</c>. May still get its own header, once.</summary>
    Implied,

    /// <summary>Has had its header.</summary>
    Header,

    /// <summary>A parent that a dotted key named: open to more dotted keys and to sub-tables, never to a header of its own.</summary>
    DottedKey,

    /// <summary>Closed for good.</summary>
    Inline,
}
