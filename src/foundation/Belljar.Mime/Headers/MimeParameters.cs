using System.Collections;

namespace Belljar.Mime.Headers;

/// <summary>A parameter of a field: <c>charset=utf-8</c>.</summary>
/// <param name="Name">Lower case, without RFC 2231's marks.</param>
/// <param name="Value">Decoded and, if it came in pieces, joined.</param>
/// <param name="Language">RFC 2231's language; null where none is given.</param>
public sealed record MimeParameter(string Name, string Value, string? Language = null);

/// <summary>Parameters in the order in which they first stood.</summary>
public sealed class MimeParameters(IReadOnlyList<MimeParameter> items) : IReadOnlyList<MimeParameter>
{
    public static MimeParameters None { get; } = new([]);

    public int Count => items.Count;

    public MimeParameter this[int index] => items[index];

    /// <summary>The first value under the lower-case name; null where there is none.</summary>
    public string? this[string name] => items.FirstOrDefault(item => item.Name == name)?.Value;

    public IEnumerator<MimeParameter> GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
