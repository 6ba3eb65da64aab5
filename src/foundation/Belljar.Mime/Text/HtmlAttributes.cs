using System.Buffers;
using System.Net;

namespace Belljar.Mime.Text;

/// <summary>The attributes of one tag, looked up by name.</summary>
internal readonly ref struct HtmlAttributes(ReadOnlySpan<char> tag)
{
    /// <summary>Attributes of one tag that are looked at.</summary>
    private const int Most = 64;

    private static readonly SearchValues<char> NameEnds = SearchValues.Create("= \t\r\n\f/");
    private readonly ReadOnlySpan<char> _tag = tag;

    /// <summary>The first value of that name, references resolved; empty where it has none, null where it is absent.</summary>
    public string? Find(string name)
    {
        var rest = _tag;
        for (var count = 0; count < Most; count++)
        {
            rest = rest.TrimStart(" \t\r\n\f/");
            if (rest.IsEmpty)
            {
                return null;
            }

            var length = rest[1..].IndexOfAny(NameEnds);
            var key = length < 0 ? rest : rest[..(length + 1)];
            rest = rest[key.Length..].TrimStart(" \t\r\n\f");
            var value = TakeValue(ref rest);
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return WebUtility.HtmlDecode(value.ToString());
            }
        }

        return null;
    }

    private static ReadOnlySpan<char> TakeValue(ref ReadOnlySpan<char> rest)
    {
        if (rest is not ['=', ..])
        {
            return default;
        }

        rest = rest[1..].TrimStart(" \t\r\n\f");
        if (rest.IsEmpty)
        {
            return default;
        }

        var quote = rest[0];
        if (quote is '"' or '\'')
        {
            var close = rest[1..].IndexOf(quote);
            var quoted = close < 0 ? rest[1..] : rest.Slice(1, close);
            rest = close < 0 ? default : rest[(close + 2)..];
            return quoted;
        }

        var end = rest.IndexOfAny(" \t\r\n\f");
        var value = end < 0 ? rest : rest[..end];
        rest = rest[value.Length..];
        return value;
    }
}
