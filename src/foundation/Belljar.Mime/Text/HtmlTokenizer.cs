using System.Buffers;

namespace Belljar.Mime.Text;

internal enum HtmlTokenKind
{
    /// <summary>Characters, references not yet resolved.</summary>
    Text,
    StartTag,
    EndTag,

    /// <summary>The content of a <c>style</c> element.</summary>
    StyleSheet,
}

/// <summary>One token; a view of the input.</summary>
internal readonly ref struct HtmlToken(HtmlTokenKind kind, string name, ReadOnlySpan<char> text)
{
    public HtmlTokenKind Kind { get; } = kind;

    /// <summary>Of a tag, in lower case.</summary>
    public string Name { get; } = name;

    /// <summary>The text, or what stands in the tag behind its name.</summary>
    public ReadOnlySpan<char> Text { get; } = text;
}

/// <summary>
/// Cuts HTML into tokens, one pass, forgiving as browsers are. Comments, declarations and what scripts hold are left out; an
/// end that is missing takes the rest of the input with it, as in a browser.
/// </summary>
internal ref struct HtmlTokenizer(string html)
{
    private const int LongestName = 32;

    private static readonly SearchValues<char> NameEnds = SearchValues.Create(" \t\r\n\f/>");
    private readonly string _html = html;
    private int _at;

    /// <summary>The element whose content is not markup and comes next; null where there is none.</summary>
    private string? _rawElement;

    public bool TryNext(out HtmlToken token)
    {
        token = default;
        while (_at < _html.Length)
        {
            if (_rawElement is not null)
            {
                var content = TakeRawContent(out var element);
                if (element == "style")
                {
                    token = new HtmlToken(HtmlTokenKind.StyleSheet, element, content);
                    return true;
                }

                if (element == "textarea")
                {
                    token = new HtmlToken(HtmlTokenKind.Text, "", content);
                    return true;
                }
            }
            else if (_html[_at] == '<' && TryMarkup(out token))
            {
                if (token.Name.Length > 0)
                {
                    return true;
                }
            }
            else
            {
                token = new HtmlToken(HtmlTokenKind.Text, "", TakeText());
                return true;
            }
        }

        return false;
    }

    /// <summary>Up to the next angle bracket; one at hand is text.</summary>
    private ReadOnlySpan<char> TakeText()
    {
        var start = _at;
        var next = _html.IndexOf('<', _at + 1);
        _at = next < 0 ? _html.Length : next;
        return _html.AsSpan(start, _at - start);
    }

    /// <summary>A tag; a token without a name for what is skipped; false where the bracket is only text.</summary>
    private bool TryMarkup(out HtmlToken token)
    {
        token = new HtmlToken(HtmlTokenKind.Text, "", default);
        var rest = _html.AsSpan(_at);
        if (rest.StartsWith("<!--"))
        {
            SkipComment();
            return true;
        }

        if (rest.Length > 1 && rest[1] is '!' or '?' || rest is ['<', '/', not '>', ..] && !char.IsAsciiLetter(rest[2]))
        {
            var close = rest.IndexOf('>');
            _at = close < 0 ? _html.Length : _at + close + 1;
            return true;
        }

        var isEnd = rest.Length > 1 && rest[1] == '/';
        var nameStart = isEnd ? 2 : 1;
        if (rest.Length <= nameStart || !char.IsAsciiLetter(rest[nameStart]))
        {
            return false;
        }

        var nameLength = rest[nameStart..].IndexOfAny(NameEnds);
        nameLength = nameLength < 0 ? rest.Length - nameStart : nameLength;
        var name = rest.Slice(nameStart, Math.Min(nameLength, LongestName)).ToString().ToLowerInvariant();
        var attributesStart = nameStart + nameLength;
        var end = EndOfTag(rest, attributesStart);
        _at += Math.Min(end + 1, rest.Length);
        if (end >= rest.Length)
        {
            // A tag that the input ends in is no tag.
            return true;
        }

        token = new HtmlToken(isEnd ? HtmlTokenKind.EndTag : HtmlTokenKind.StartTag, name, rest[attributesStart..end]);
        if (!isEnd && name is "script" or "style" or "title" or "textarea" or "iframe" or "noembed" or "noframes" or "xmp")
        {
            _rawElement = name;
        }

        return true;
    }

    /// <summary>The closing bracket outside of quoted values; the length where there is none.</summary>
    private static int EndOfTag(ReadOnlySpan<char> tag, int at)
    {
        var afterEquals = false;
        while (at < tag.Length)
        {
            var c = tag[at];
            if (c == '>')
            {
                return at;
            }

            if (afterEquals && c is '"' or '\'')
            {
                var close = tag[(at + 1)..].IndexOf(c);
                if (close < 0)
                {
                    return tag.Length;
                }

                at += close + 1;
                afterEquals = false;
            }
            else
            {
                // A quote opens a value only behind an equals sign.
                afterEquals = c == '=' || (afterEquals && char.IsWhiteSpace(c));
            }

            at++;
        }

        return tag.Length;
    }

    private void SkipComment()
    {
        var rest = _html.AsSpan(_at);
        if (rest.StartsWith("<!-->") || rest.StartsWith("<!--->"))
        {
            _at += rest[4] == '>' ? 5 : 6;
            return;
        }

        var (dashes, bang) = (rest.IndexOf("-->"), rest.IndexOf("--!>"));
        _at = (dashes, bang) switch
        {
            ( < 0, < 0) => _html.Length,
            ( >= 0, < 0) => _at + dashes + 3,
            _ when dashes >= 0 && dashes < bang => _at + dashes + 3,
            _ => _at + bang + 4,
        };
    }

    private ReadOnlySpan<char> TakeRawContent(out string element)
    {
        element = _rawElement!;
        _rawElement = null;
        var start = _at;
        var close = _html.AsSpan(start).IndexOf("</" + element, StringComparison.OrdinalIgnoreCase);
        _at = close < 0 ? _html.Length : start + close;
        return _html.AsSpan(start, _at - start);
    }
}
