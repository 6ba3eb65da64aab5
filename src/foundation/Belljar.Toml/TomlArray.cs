using System.Collections;

namespace Belljar.Toml;

/// <summary>Values in order; of different types if the document says so. <c>[[name]]</c> gives an array of tables.</summary>
public sealed class TomlArray : TomlValue, IReadOnlyList<TomlValue>
{
    private readonly List<TomlValue> _items = [];

    public TomlArray(params IEnumerable<TomlValue> items)
        : base(TomlKind.Array)
    {
        _items.AddRange(items);
    }

    public int Count => _items.Count;

    /// <summary>Written as <c>[[name]]</c>, and so open to more of the same.</summary>
    internal bool IsOpen { get; init; }

    public TomlValue this[int index] => _items[index];

    public static TomlArray Of(IEnumerable<string> values) => new(values.Select(value => new TomlString(value)));

    public void Add(TomlValue item) => _items.Add(item);

    public IEnumerator<TomlValue> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
