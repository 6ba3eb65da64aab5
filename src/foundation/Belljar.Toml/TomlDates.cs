namespace Belljar.Toml;

/// <summary>RFC 3339 dates and times as TOML 1.0 takes them: seconds are required, <c>T</c>, <c>t</c> or a space between.</summary>
internal static class TomlDates
{
    private const int DateLength = 10;
    private const int TimeLength = 8;
    private static readonly TimeSpan WidestOffset = TimeSpan.FromHours(14);

    /// <summary>Null where the text is not a date or time, or names one that .NET cannot hold (year 0, second 60).</summary>
    public static TomlValue? Parse(ReadOnlySpan<char> text)
    {
        if (text.Length > 2 && text[2] == ':')
        {
            return TryTime(ref text, out var alone) && text.IsEmpty ? new TomlLocalTime(new TimeOnly(alone)) : null;
        }

        if (!TryDate(ref text, out var date))
        {
            return null;
        }

        if (text.IsEmpty)
        {
            return new TomlLocalDate(date);
        }

        if (text[0] is not ('T' or 't' or ' '))
        {
            return null;
        }

        text = text[1..];
        if (!TryTime(ref text, out var ticks))
        {
            return null;
        }

        var local = date.ToDateTime(new TimeOnly(ticks));
        return text.IsEmpty ? new TomlLocalDateTime(local) : WithOffset(local, text);
    }

    private static TomlOffsetDateTime? WithOffset(DateTime local, ReadOnlySpan<char> text)
    {
        if (text is "Z" or "z")
        {
            return new TomlOffsetDateTime(new DateTimeOffset(local, TimeSpan.Zero));
        }

        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':'
            || !TryDigits(text[1..3], 23, out var hours) || !TryDigits(text[4..], 59, out var minutes))
        {
            return null;
        }

        var offset = new TimeSpan(hours, minutes, 0) * (text[0] == '-' ? -1 : 1);
        var utcTicks = local.Ticks - offset.Ticks;
        if (utcTicks < DateTime.MinValue.Ticks || utcTicks > DateTime.MaxValue.Ticks)
        {
            return null;
        }

        return new TomlOffsetDateTime(offset.Duration() <= WidestOffset
            ? new DateTimeOffset(local, offset)
            : new DateTimeOffset(utcTicks, TimeSpan.Zero));
    }

    private static bool TryDate(ref ReadOnlySpan<char> text, out DateOnly date)
    {
        date = default;
        if (text.Length < DateLength || text[4] != '-' || text[7] != '-'
            || !TryDigits(text[..4], 9999, out var year) || !TryDigits(text[5..7], 12, out var month) || !TryDigits(text[8..10], 31, out var day)
            || year == 0 || month == 0 || day == 0 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        date = new DateOnly(year, month, day);
        text = text[DateLength..];
        return true;
    }

    private static bool TryTime(ref ReadOnlySpan<char> text, out long ticks)
    {
        ticks = 0;
        if (text.Length < TimeLength || text[2] != ':' || text[5] != ':'
            || !TryDigits(text[..2], 23, out var hour) || !TryDigits(text[3..5], 59, out var minute) || !TryDigits(text[6..8], 59, out var second))
        {
            return false;
        }

        ticks = new TimeSpan(hour, minute, second).Ticks;
        text = text[TimeLength..];
        return text.IsEmpty || text[0] != '.' || TryFraction(ref text, ref ticks);
    }

    private static bool TryFraction(ref ReadOnlySpan<char> text, ref long ticks)
    {
        var length = 1;
        for (var unit = TimeSpan.TicksPerSecond / 10; length < text.Length && char.IsAsciiDigit(text[length]); length++, unit /= 10)
        {
            ticks += (text[length] - '0') * unit;
        }

        text = text[length..];
        return length > 1;
    }

    private static bool TryDigits(ReadOnlySpan<char> text, int most, out int value)
    {
        value = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            value = (value * 10) + (c - '0');
        }

        return value <= most;
    }
}
