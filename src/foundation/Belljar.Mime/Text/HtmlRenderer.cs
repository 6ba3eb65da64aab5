using System.Globalization;
using System.Net;
using System.Text;

namespace Belljar.Mime.Text;

/// <summary>Takes tokens and writes text, keeping the elements that are open and whether their content can be seen.</summary>
internal sealed class HtmlRenderer
{
    private const int Deepest = 200;
    private const int MostHidden = 16 * 1024;
    /// <summary>With <see cref="Deepest"/> it bounds the work: a tag may look at every element that is open.</summary>
    private const int MostTags = 300_000;
    private const int LongestLink = 2000;

    private readonly List<HtmlElement> _open = [new HtmlElement("#root") { Color = new CssColor(0, 0, 0), Background = CssColor.White, NextItem = -1 }];
    private readonly Dictionary<string, int> _openNames = [];
    private readonly TextLayout _layout = new();
    private readonly StringBuilder _hidden = new();
    private readonly CssSheet _sheet = new();
    private bool _isCut;
    private int _tags;

    public bool IsFull => _layout.IsFull || _tags > MostTags;

    private HtmlElement Top => _open[^1];

    public void Take(HtmlToken token)
    {
        _tags += token.Kind == HtmlTokenKind.Text ? 0 : 1;
        switch (token.Kind)
        {
            case HtmlTokenKind.Text:
                Write(WebUtility.HtmlDecode(token.Text.ToString()));
                break;
            case HtmlTokenKind.StyleSheet:
                _sheet.Add(token.Text);
                break;
            case HtmlTokenKind.StartTag:
                Start(token.Name, new HtmlAttributes(token.Text));
                break;
            default:
                End(token.Name);
                break;
        }
    }

    public HtmlTextResult Finish()
    {
        Close(1);
        return new HtmlTextResult(_layout.ToString().TrimEnd(), _hidden.ToString().Trim(), _isCut || IsFull);
    }

    private void Write(string text)
    {
        text = InvisibleText.Remove(text, out var smuggled);
        Hide(smuggled);
        if (Top.IsUnreadable)
        {
            Hide(text);
        }
        else
        {
            _layout.Append(text, Top.KeepsSpaces);
        }
    }

    private void Hide(string text)
    {
        if (!string.IsNullOrWhiteSpace(text) && _hidden.Length < MostHidden)
        {
            _hidden.Append(_hidden.Length > 0 ? " " : "").Append(text.AsSpan().Trim()[..Math.Min(text.AsSpan().Trim().Length, MostHidden - _hidden.Length)]);
        }
    }

    private void Start(string name, HtmlAttributes attributes)
    {
        CloseImplied(name);
        BreakAround(name);
        switch (name)
        {
            case "br" when !Top.IsHidden:
                _layout.BreakLine();
                break;
            case "hr" when !Top.IsHidden:
                _layout.Break(1);
                _layout.Append("---", keepSpaces: false);
                _layout.Break(1);
                break;
            case "img" when attributes.Find("alt") is { } alt && !string.IsNullOrWhiteSpace(alt):
                Write($"[{alt.Trim()}]");
                break;
            case "td" or "th" when !Top.IsHidden && !_layout.IsLineEmpty && _layout.Length > Top.TextStart:
                _layout.Separate(" | ");
                break;
            default:
                break;
        }

        if (!HtmlTags.Void.Contains(name))
        {
            Open(name, attributes);
        }
    }

    private void Open(string name, HtmlAttributes attributes)
    {
        if (_open.Count >= Deepest)
        {
            _isCut = true;
            return;
        }

        var element = Styled(name, attributes) with { TextStart = _layout.Length, NextItem = name == "ol" ? Number(attributes.Find("start")) : -1 };
        if (name == "a" && attributes.Find("href") is { } href)
        {
            element = element with { Href = href };
        }

        _open.Add(element);
        _openNames[name] = _openNames.GetValueOrDefault(name) + 1;
        _layout.Quote += name == "blockquote" ? 1 : 0;
        _layout.Indent += name is "ul" or "ol" ? 1 : 0;
        if (name == "li" && !element.IsHidden)
        {
            _layout.Mark(ItemMark());
        }
    }

    private HtmlElement Styled(string name, HtmlAttributes attributes)
    {
        var (styleText, classes, id) = (attributes.Find("style"), attributes.Find("class"), attributes.Find("id"));
        var style = _sheet.Find(name, classes, id).With(styleText is null ? CssDeclarations.None : CssDeclarations.Parse(styleText));
        var parent = Top;
        var color = style.SetsColor ? style.Color : attributes.Find("color") is { } fontColor && name == "font" ? CssColor.Parse(fontColor) : parent.Color;
        var background = style.SetsBackground ? style.Background
            : attributes.Find("background") is not null ? null
            : attributes.Find("bgcolor") is { } bgcolor ? CssColor.Parse(bgcolor)
            : parent.Background;
        return new HtmlElement(name)
        {
            IsHidden = parent.IsHidden || style.Hides || HtmlTags.Unshown.Contains(name) || attributes.Find("hidden") is not null,
            KeepsSpaces = style.KeepsSpaces ?? (name is "pre" or "listing" || parent.KeepsSpaces),
            Color = name == "a" && !style.SetsColor ? null : color,
            Background = background is { IsTransparent: true } ? parent.Background : background,
        };
    }

    private static int Number(string? start) =>
        int.TryParse(start, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number is >= 0 and < 1_000_000 ? number : 1;

    /// <summary>The number of an item of the innermost list, if that is an ordered one, else a dash.</summary>
    private string ItemMark()
    {
        var list = _open.FindLastIndex(element => element.Name is "ul" or "ol");
        if (list < 0 || _open[list].NextItem < 0)
        {
            return "- ";
        }

        var number = _open[list].NextItem;
        _open[list] = _open[list] with { NextItem = number + 1 };
        return string.Create(CultureInfo.InvariantCulture, $"{number}. ");
    }

    private void End(string name)
    {
        if (name is "br" or "p" && _openNames.GetValueOrDefault(name) == 0)
        {
            // Browsers make an element of these.
            _layout.Break(name == "br" ? 1 : 2);
            return;
        }

        if (_openNames.GetValueOrDefault(name) > 0)
        {
            Close(_open.FindLastIndex(element => element.Name == name));
            BreakAround(name);
        }
    }

    private void CloseImplied(string name)
    {
        var (closes, within) = HtmlTags.Implied(name);
        if (closes.Count == 0)
        {
            return;
        }

        var last = -1;
        for (var at = _open.Count - 1; at > 0 && !within.Contains(_open[at].Name); at--)
        {
            last = closes.Contains(_open[at].Name) ? at : last;
        }

        if (last > 0)
        {
            Close(last);
        }
    }

    /// <summary>Closes the element at that depth and all within.</summary>
    private void Close(int depth)
    {
        while (_open.Count > depth)
        {
            var element = Top;
            WriteTarget(element);
            _open.RemoveAt(_open.Count - 1);
            _openNames[element.Name]--;
            _layout.Quote -= element.Name == "blockquote" ? 1 : 0;
            _layout.Indent -= element.Name is "ul" or "ol" ? 1 : 0;
            if (element.Name == "blockquote")
            {
                _layout.Break(2);
            }
        }
    }

    /// <summary>A link's target stands behind its text, unless the text is the target.</summary>
    private void WriteTarget(HtmlElement element)
    {
        if (element.Href is not { } href || element.IsUnreadable || !IsWorthShowing(href = href.Trim()))
        {
            return;
        }

        var shown = _layout.Length - element.TextStart > LongestLink ? "" : _layout.Since(element.TextStart).Trim().TrimEnd('/');
        var target = href.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? href[7..] : href;
        if (shown != target.TrimEnd('/') && shown != href.TrimEnd('/'))
        {
            href = InvisibleText.Remove(href, out _);
            _layout.Append($" <{(href.Length > LongestLink ? href[..LongestLink] + "…" : href)}>", keepSpaces: false);
        }
    }

    private static bool IsWorthShowing(string href) =>
        href.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || href.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        || href.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) || href.StartsWith("tel:", StringComparison.OrdinalIgnoreCase)
        || href.StartsWith("ftp://", StringComparison.OrdinalIgnoreCase);

    private void BreakAround(string name)
    {
        if (Top.IsHidden)
        {
            return;
        }

        if (HtmlTags.Paragraph.Contains(name))
        {
            // A list within a list stands close.
            _layout.Break(name is "ul" or "ol" && _layout.Indent > 0 || name is "table" && _openNames.GetValueOrDefault("table") > 0 ? 1 : 2);
        }
        else if (HtmlTags.Block.Contains(name))
        {
            _layout.Break(1);
        }
    }
}
