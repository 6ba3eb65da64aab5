using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Belljar.Mime.Text;

/// <summary>A colour, as far as it matters whether text stands out from what is behind it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CssColor(byte Red, byte Green, byte Blue, bool IsTransparent = false)
{
    /// <summary>The most by which any channel may differ for two colours to look the same.</summary>
    private const int Alike = 20;

    private static readonly FrozenDictionary<string, CssColor> Names = new Dictionary<string, CssColor>
    {
        ["white"] = new(255, 255, 255),
        ["black"] = new(0, 0, 0),
        ["snow"] = new(255, 250, 250),
        ["ivory"] = new(255, 255, 240),
        ["whitesmoke"] = new(245, 245, 245),
        ["ghostwhite"] = new(248, 248, 255),
        ["floralwhite"] = new(255, 250, 240),
        ["azure"] = new(240, 255, 255),
        ["mintcream"] = new(245, 255, 250),
        ["red"] = new(255, 0, 0),
        ["green"] = new(0, 128, 0),
        ["blue"] = new(0, 0, 255),
        ["yellow"] = new(255, 255, 0),
        ["gray"] = new(128, 128, 128),
        ["grey"] = new(128, 128, 128),
        ["silver"] = new(192, 192, 192),
        ["lightgray"] = new(211, 211, 211),
        ["lightgrey"] = new(211, 211, 211),
        ["gainsboro"] = new(220, 220, 220),
        ["navy"] = new(0, 0, 128),
        ["transparent"] = new(0, 0, 0, IsTransparent: true),
    }.ToFrozenDictionary();

    public static CssColor White { get; } = new(255, 255, 255);

    public bool LooksLike(CssColor other) =>
        Math.Abs(Red - other.Red) <= Alike && Math.Abs(Green - other.Green) <= Alike && Math.Abs(Blue - other.Blue) <= Alike;

    /// <summary>Null where it is none that we know.</summary>
    public static CssColor? Parse(string text)
    {
        text = text.Trim().ToLowerInvariant();
        if (Names.TryGetValue(text, out var named))
        {
            return named;
        }

        if (text.StartsWith("rgb", StringComparison.Ordinal))
        {
            return ParseFunction(text);
        }

        var hex = text.TrimStart('#');
        if (hex.Length is 3 or 4)
        {
            hex = string.Concat(hex.Select(c => new string(c, 2)));
        }

        return hex.Length is 6 or 8 && uint.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? hex.Length == 6 ? Of(value) : Of(value >> 8) with { IsTransparent = (value & 0xFF) < 26 }
            : null;
    }

    private static CssColor Of(uint rgb) => new((byte)(rgb >> 16), (byte)(rgb >> 8), (byte)rgb);

    private static CssColor? ParseFunction(string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var numbers = open < 0 ? [] : text[(open + 1)..].TrimEnd(')').Split([',', ' ', '/'], StringSplitOptions.RemoveEmptyEntries);
        if (numbers.Length < 3 || !TryByte(numbers[0], out var red) || !TryByte(numbers[1], out var green) || !TryByte(numbers[2], out var blue))
        {
            return null;
        }

        var isTransparent = numbers.Length > 3
            && double.TryParse(numbers[3].TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var alpha)
            && alpha < 0.1;
        return new CssColor(red, green, blue, isTransparent);
    }

    private static bool TryByte(string text, out byte value)
    {
        var isPercent = text.EndsWith('%');
        var parsed = double.TryParse(text.TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        value = (byte)Math.Clamp(isPercent ? number * 2.55 : number, 0, 255);
        return parsed && !double.IsNaN(number);
    }
}
