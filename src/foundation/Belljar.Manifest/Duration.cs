using System.Globalization;

namespace Belljar.Manifest;

/// <summary>Spans of time: <c>500ms</c>, <c>30s</c>, <c>1h30m</c>, <c>7d</c>. A number without a unit is refused.</summary>
public static class Duration
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("d", TimeSpan.FromDays(1)),
        ("h", TimeSpan.FromHours(1)),
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)),
    ];

    public static SettingsType<TimeSpan> Between(TimeSpan least, TimeSpan most) => new(
        $"a time such as 30s, 10m or 1h30m, from {Format(least)} to {Format(most)}",
        standIn: least,
        (string text, out TimeSpan value) => TryParse(text, out value) && value >= least && value <= most);

    /// <summary>As it would be written: <c>1h30m</c>.</summary>
    public static string Format(TimeSpan span)
    {
        if (span == TimeSpan.Zero)
        {
            return "0s";
        }

        var parts = new[] { (span.Days, "d"), (span.Hours, "h"), (span.Minutes, "m"), (span.Seconds, "s"), (span.Milliseconds, "ms") };
        return string.Concat(parts.Where(part => part.Item1 != 0).Select(part => $"{part.Item1}{part.Item2}"));
    }

    private static bool TryParse(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        var rest = text.AsSpan();
        var longest = TimeSpan.MaxValue;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is < 1 or > 9 || !TryUnit(rest[digits..], out var unit) || unit.Length >= longest)
            {
                return false;
            }

            // At most 9 digits of days and each smaller unit once: far below the range of a TimeSpan.
            value += unit.Length * int.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            longest = unit.Length;
            rest = rest[(digits + unit.Unit.Length)..];
        }

        return text.Length > 0;
    }

    private static bool TryUnit(ReadOnlySpan<char> text, out (string Unit, TimeSpan Length) found)
    {
        foreach (var unit in Units)
        {
            if (text.StartsWith(unit.Unit))
            {
                found = unit;
                return true;
            }
        }

        found = default;
        return false;
    }
}
