using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Belljar.Web.Html;

/// <summary>
/// A piece of a page. It is made from an interpolated string: what stands in the source is markup, what is filled in is
/// text, and is encoded. There is no other way to make one out of a value.
/// </summary>
internal readonly record struct Markup
{
    private readonly string? _text;

    private Markup(string text) => _text = text;

    public static readonly Markup Empty = new("");

    public static Markup Of(Interpolation page) => new(page.ToString());

    public static Markup Join(IEnumerable<Markup> pieces) => new(string.Concat(pieces.Select(piece => piece.ToString())));

    /// <summary>Text of several lines: their ends stay, all else is encoded.</summary>
    public static Markup Lines(string text)
    {
        var page = new StringBuilder(text.Length + 16);
        foreach (var line in text.AsSpan().Split('\n'))
        {
            if (page.Length > 0)
            {
                page.Append('\n');
            }

            VisibleText.Append(page, text.AsSpan()[line]);
        }

        return new Markup(page.ToString());
    }

    public override string ToString() => _text ?? "";

    /// <summary>Called by the compiler for each part of the string.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Interpolation(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _page = new(literalLength + (formattedCount * 24));

        public void AppendLiteral(string markup) => _page.Append(markup);

        public void AppendFormatted(Markup piece) => _page.Append(piece.ToString());

        public void AppendFormatted(string? text) => VisibleText.Append(_page, text);

        public void AppendFormatted(long number) => _page.Append(number.ToString(CultureInfo.InvariantCulture));

        public void AppendFormatted(double number, string format) => _page.Append(number.ToString(format, CultureInfo.InvariantCulture));

        public override string ToString() => _page.ToString();
    }
}
