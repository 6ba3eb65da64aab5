using System.Collections;
using System.Collections.Frozen;

namespace Belljar.Contracts;

/// <summary>A value that a catalogue lists under a name.</summary>
public interface INamed
{
    /// <summary>The key: lower case, <c>[a-z0-9_:-]+</c>.</summary>
    string Name { get; }
}

/// <summary>
/// A frozen catalogue, in the order in which it was written. Duplicates are refused when it is built;
/// an unknown name is answered with the known ones.
/// </summary>
public sealed class Registry<T> : IReadOnlyCollection<T>
    where T : class, INamed
{
    private readonly string _what;
    private readonly T[] _items;
    private readonly FrozenDictionary<string, T> _byName;

    /// <param name="what">What is listed, in the singular, for messages: "worker", "sandbox backend".</param>
    /// <param name="items">The items, in the order in which people should see them.</param>
    /// <exception cref="ArgumentException">Two items have the same name.</exception>
    public Registry(string what, params IEnumerable<T> items)
    {
        _what = what;
        _items = [.. items];
        var byName = new Dictionary<string, T>(_items.Length);
        foreach (var item in _items)
        {
            if (!byName.TryAdd(item.Name, item))
            {
                throw new ArgumentException($"The {what} '{item.Name}' is listed twice.", nameof(items));
            }
        }

        _byName = byName.ToFrozenDictionary();
    }

    public int Count => _items.Length;

    public IEnumerable<string> Names => _items.Select(item => item.Name);

    /// <exception cref="UnknownNameException">There is no such item; the message lists those that there are.</exception>
    public T this[string name] => Find(name) ?? throw new UnknownNameException(_what, name, Names);

    public T? Find(string name) => _byName.GetValueOrDefault(name);

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
