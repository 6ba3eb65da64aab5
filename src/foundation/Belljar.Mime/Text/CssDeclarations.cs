using System.Buffers;
using System.Globalization;

namespace Belljar.Mime.Text;

/// <summary>What a block of declarations says about whether its text can be seen.</summary>
/// <param name="Hides">It takes the element out of sight.</param>
/// <param name="Shows">It says <c>visibility: visible</c>, which undoes a parent's <c>hidden</c> only.</param>
/// <param name="Color">The text's colour, where it is known.</param>
/// <param name="SetsColor">It gives a colour, known or not.</param>
/// <param name="Background">The colour behind the text, where it is known.</param>
/// <param name="SetsBackground">It gives a background, known or not (an image).</param>
/// <param name="KeepsSpaces"><c>white-space: pre</c> and its kin; null where it does not say.</param>
/// <param name="FontSize">It gives a font size that can be read; a smaller one than that hides.</param>
internal sealed record CssDeclarations(
    bool Hides, bool Shows, CssColor? Color, bool SetsColor, CssColor? Background, bool SetsBackground, bool? KeepsSpaces, bool FontSize)
{
    /// <summary>Pixels: nothing smaller is read.</summary>
    private const double SmallestFont = 2;

    /// <summary>Pixels to the side or up from which on nothing is on the page.</summary>
    private const double OffPage = -400;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("+-.0123456789");
    private const int LongestBlock = 8192;
    private const int Most = 100;

    public static CssDeclarations None { get; } = new(false, false, null, false, null, false, null, false);

    public static CssDeclarations Parse(ReadOnlySpan<char> block)
    {
        var values = new Dictionary<string, string>();
        block = block.Length > LongestBlock ? block[..LongestBlock] : block;
        foreach (var range in block.Split(';'))
        {
            var declaration = block[range];
            var colon = declaration.IndexOf(':');
            if (colon > 0 && values.Count < Most)
            {
                var value = declaration[(colon + 1)..].Trim().ToString().ToLowerInvariant().Replace("!important", "", StringComparison.Ordinal);
                values[declaration[..colon].Trim().ToString().ToLowerInvariant()] = value.Trim();
            }
        }

        return values.Count == 0 ? None : Read(values);
    }

    /// <summary>Both, the later one winning.</summary>
    public CssDeclarations With(CssDeclarations later) => new(
        Hides || later.Hides,
        Shows || later.Shows,
        later.SetsColor ? later.Color : Color,
        SetsColor || later.SetsColor,
        later.SetsBackground ? later.Background : Background,
        SetsBackground || later.SetsBackground,
        later.KeepsSpaces ?? KeepsSpaces,
        FontSize || later.FontSize);

    private static CssDeclarations Read(Dictionary<string, string> values)
    {
        var color = values.GetValueOrDefault("color");
        var background = values.GetValueOrDefault("background-color") ?? values.GetValueOrDefault("background");
        var image = values.GetValueOrDefault("background-image") ?? values.GetValueOrDefault("background") ?? "";
        var hasImage = image.Contains("url(", StringComparison.Ordinal) || image.Contains("gradient", StringComparison.Ordinal);
        var setsBackground = hasImage || background is not (null or "none" or "inherit" or "initial" or "");
        return new CssDeclarations(
            HidesBox(values) || HidesText(values),
            values.GetValueOrDefault("visibility") == "visible",
            color is null ? null : CssColor.Parse(color),
            color is not (null or "inherit" or "initial"),
            hasImage || background is null ? null : CssColor.Parse(background) ?? CssColor.Parse(background.Split(' ')[0]),
            setsBackground,
            values.GetValueOrDefault("white-space") is { } space ? space.StartsWith("pre", StringComparison.Ordinal) : null,
            values.ContainsKey("font-size"));
    }

    private static bool HidesBox(Dictionary<string, string> values) =>
        values.GetValueOrDefault("display") == "none"
        || values.GetValueOrDefault("visibility") is "hidden" or "collapse"
        || values.GetValueOrDefault("mso-hide") == "all"
        || values.GetValueOrDefault("content-visibility") == "hidden"
        || Number(values, "opacity") < 0.1
        || (values.GetValueOrDefault("overflow") is "hidden" or "clip" && (Pixels(values, "height") <= 1 || Pixels(values, "width") <= 1 || Pixels(values, "max-height") <= 1 || Pixels(values, "max-width") <= 1))
        || (values.GetValueOrDefault("position") is "absolute" or "fixed" or "relative" && (Pixels(values, "left") <= OffPage || Pixels(values, "top") <= OffPage || Pixels(values, "right") <= OffPage))
        || IsNothing(values.GetValueOrDefault("clip")) || IsNothing(values.GetValueOrDefault("clip-path"))
        || values.GetValueOrDefault("transform")?.Replace(" ", "", StringComparison.Ordinal) is "scale(0)" or "scale(0,0)" or "scalex(0)" or "scaley(0)"
        || Pixels(values, "margin-left") <= OffPage;

    private static bool HidesText(Dictionary<string, string> values) =>
        Pixels(values, "font-size") < SmallestFont
        || Pixels(values, "text-indent") <= OffPage
        || (values.GetValueOrDefault("font")?.Split(' ').Any(word => ToPixels(word.Split('/')[0]) < SmallestFont && word.Length > 1) ?? false);

    /// <summary>A clip that leaves nothing: <c>rect(0 0 0 0)</c>, <c>inset(50%)</c>, <c>circle(0)</c>.</summary>
    private static bool IsNothing(string? clip) =>
        clip is not null && clip.Replace(" ", "", StringComparison.Ordinal).Replace("px", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal)
            is "rect(0000)" or "rect(1111)" or "inset(50%)" or "inset(100%)" or "circle(0)" or "circle(0%)";

    private static double Number(Dictionary<string, string> values, string name) =>
        values.TryGetValue(name, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;

    private static double Pixels(Dictionary<string, string> values, string name) =>
        values.TryGetValue(name, out var text) ? ToPixels(text) : double.NaN;

    /// <summary>NaN, which is not less than anything, for what is no length.</summary>
    private static double ToPixels(string text)
    {
        var length = text.AsSpan().IndexOfAnyExcept(NumberCharacters);
        var (digits, unit) = length < 0 ? (text, "px") : (text[..length], text[length..]);
        var factor = unit switch { "px" => 1, "pt" => 4.0 / 3, "em" or "rem" => 16, "%" => 0.16, "vh" or "vw" => 8, "in" => 96, "cm" => 38, "mm" => 3.8, _ => double.NaN };
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number * factor : double.NaN;
    }
}
