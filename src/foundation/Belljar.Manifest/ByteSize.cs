using System.Globalization;

namespace Belljar.Manifest;

/// <summary>Amounts of bytes: <c>25MiB</c>, <c>10GB</c>, <c>4096</c>.</summary>
public static class ByteSize
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("B", 1), ("", 1),
    ];

    public static SettingsType<long> Between(long least, long most) => new(
        $"a size such as 512KiB or 25MiB, from {Format(least)} to {Format(most)}",
        standIn: least,
        (string text, out long value) => TryParse(text, out value) && value >= least && value <= most);

    /// <summary>As it would be written: the largest binary unit that divides it.</summary>
    public static string Format(long bytes)
    {
        var unit = Array.Find(Units, unit => unit.Unit is "B" || (unit.Unit.Contains('i') && bytes > 0 && bytes % unit.Bytes == 0));
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / unit.Bytes}{unit.Unit}");
    }

    private static bool TryParse(string text, out long value)
    {
        value = 0;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        digits = digits < 0 ? text.Length : digits;
        var unit = Array.FindIndex(Units, unit => text.AsSpan(digits).SequenceEqual(unit.Unit));
        if (unit < 0 || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        var product = (Int128)count * Units[unit].Bytes;
        value = (long)Int128.Min(product, long.MaxValue);
        return product <= long.MaxValue;
    }
}
