using System.Text;

namespace Belljar.Mail.Authentication;

/// <summary>
/// A tag-list (RFC 6376, 3.2; RFC 7489, 6.4): <c>name=value; name=value</c>, white space and folds around both removed. Wrong
/// anywhere, wrong as a whole: a tag twice, one without <c>=</c>, an empty name.
/// </summary>
internal sealed class TagList
{
    /// <summary>DKIM-Signature has 14 tags.</summary>
    private const int MostTags = 64;

    private readonly List<KeyValuePair<string, string>> _tags = [];

    private TagList()
    {
    }

    /// <summary>As written; null where the tag is absent. Names are case-sensitive.</summary>
    public string? this[string name] => _tags.Find(tag => tag.Key == name) is { Key: not null } tag ? tag.Value : null;

    /// <summary>Whether the first tag is that one: where records must say their version first.</summary>
    public bool BeginsWith(string name) => _tags is [var first, ..] && first.Key == name;

    public static bool TryParse(ReadOnlySpan<byte> text, out TagList tags)
    {
        tags = new TagList();
        if (!System.Text.Unicode.Utf8.IsValid(text))
        {
            return false;
        }

        var specs = Encoding.UTF8.GetString(text).Split(';');
        for (var i = 0; i < specs.Length; i++)
        {
            var spec = Trim(specs[i]);
            if (spec.IsEmpty && i == specs.Length - 1 && i > 0)
            {
                return true;
            }

            var equals = spec.IndexOf('=');
            var name = Trim(equals < 0 ? "" : spec[..equals]).ToString();
            if (!IsName(name) || tags[name] is not null || tags._tags.Count == MostTags)
            {
                return false;
            }

            tags._tags.Add(new(name, Trim(spec[(equals + 1)..]).ToString()));
        }

        return true;
    }

    /// <summary>A list with colons between its items, white space around them removed.</summary>
    public static List<string> Items(string value) => [.. value.Split(':').Select(item => Trim(item).ToString())];

    /// <summary>The value with all white space removed, as base64 is read.</summary>
    public static string Compact(string value) => string.Concat(value.Where(c => c is not (' ' or '\t' or '\r' or '\n')));

    private static bool IsName(string name) =>
        name.Length > 0 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => text.Trim(" \t\r\n");
}
