using System.Buffers;

namespace Belljar.Mime.Text;

/// <summary>
/// The rules of a page's <c>style</c> elements with selectors of one step (<c>p</c>, <c>.x</c>, <c>p.x</c>, <c>#x</c>).
/// Rules with longer selectors, and those for some screens alone, are left out.
/// </summary>
internal sealed class CssSheet
{
    private const int MostRules = 2000;
    private const int MostClasses = 32;

    private static readonly SearchValues<char> Combinators = SearchValues.Create(" >+~:[");
    private readonly Dictionary<string, CssDeclarations> _rules = [];

    /// <summary>Adds the rules of one style sheet.</summary>
    public void Add(ReadOnlySpan<char> css)
    {
        for (var count = 0; count < MostRules && !css.IsEmpty; count++)
        {
            css = SkipBlank(css);
            var open = css.IndexOf('{');
            if (open < 0)
            {
                return;
            }

            var selectors = css[..open].Trim();
            if (selectors.StartsWith("@"))
            {
                if (selectors.IndexOf(';') is >= 0 and var statement)
                {
                    css = css[(statement + 1)..];
                    continue;
                }

                var close = EndOfBlock(css, open);
                var isPlain = selectors.StartsWith("@media") && selectors[6..].Trim() is "all" or "screen" or "only screen";
                if (isPlain)
                {
                    Add(css[(open + 1)..Math.Max(open + 1, close - 1)], depth: 1);
                }

                css = css[close..];
                continue;
            }

            var end = css[open..].IndexOf('}');
            var block = end < 0 ? css[(open + 1)..] : css.Slice(open + 1, end - 1);
            AddRule(selectors, CssDeclarations.Parse(block));
            css = end < 0 ? default : css[(open + end + 1)..];
        }
    }

    public CssDeclarations Find(string tag, string? classes, string? id)
    {
        if (_rules.Count == 0)
        {
            return CssDeclarations.None;
        }

        var found = _rules.GetValueOrDefault("*", CssDeclarations.None).With(_rules.GetValueOrDefault(tag, CssDeclarations.None));
        foreach (var name in (classes ?? "").Split([' ', '\t', '\r', '\n'], MostClasses, StringSplitOptions.RemoveEmptyEntries))
        {
            found = found.With(_rules.GetValueOrDefault("." + name, CssDeclarations.None)).With(_rules.GetValueOrDefault($"{tag}.{name}", CssDeclarations.None));
        }

        return string.IsNullOrEmpty(id) ? found : found.With(_rules.GetValueOrDefault("#" + id, CssDeclarations.None));
    }

    /// <summary>One level only: a media rule inside a media rule is left out.</summary>
    private void Add(ReadOnlySpan<char> css, int depth)
    {
        if (depth == 1 && !css.Contains('@'))
        {
            Add(css);
        }
    }

    private void AddRule(ReadOnlySpan<char> selectors, CssDeclarations declarations)
    {
        foreach (var range in selectors.Split(','))
        {
            var selector = selectors[range].Trim().ToString();
            if (selector.Length is 0 or > 100 || _rules.Count >= MostRules || selector.AsSpan().ContainsAny(Combinators))
            {
                continue;
            }

            // Tag names are of any case, class names and ids are not.
            var dot = selector.AsSpan().IndexOfAny('.', '#');
            var key = dot < 0 ? selector.ToLowerInvariant() : selector[..dot].ToLowerInvariant() + selector[dot..];
            _rules[key] = _rules.TryGetValue(key, out var earlier) ? earlier.With(declarations) : declarations;
        }
    }

    private static ReadOnlySpan<char> SkipBlank(ReadOnlySpan<char> css)
    {
        while (true)
        {
            css = css.TrimStart(" \t\r\n\f}");
            var skipped = css.StartsWith("/*") ? css.IndexOf("*/") : css.StartsWith("<!--") ? 2 : css.StartsWith("-->") ? 1 : 0;
            if (skipped == 0)
            {
                return css;
            }

            css = skipped < 0 ? default : css[(skipped + 2)..];
        }
    }

    private static int EndOfBlock(ReadOnlySpan<char> css, int open)
    {
        var depth = 0;
        for (var at = open; at < css.Length; at++)
        {
            depth += css[at] == '{' ? 1 : css[at] == '}' ? -1 : 0;
            if (depth == 0)
            {
                return at + 1;
            }
        }

        return css.Length;
    }
}
