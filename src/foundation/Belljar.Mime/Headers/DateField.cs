using System.Text;

namespace Belljar.Mime.Headers;

/// <summary>
/// RFC 5322, 3.3 and 4.3: day name ignored, seconds optional, two- and three-digit years, named zones, comments anywhere.
/// A zone that is unknown or military is +0000, as the RFC says. An offset beyond ±14:00, which .NET does not know, becomes UTC.
/// </summary>
internal static class DateField
{
    private const int LongestText = 1000;
    private const int MostTokens = 16;
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] LongMonths =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
    private static readonly TimeSpan WidestOffset = TimeSpan.FromHours(14);

    /// <summary>Reads what follows the last semicolon, so that a Received field gives its date too.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out DateTimeOffset date)
    {
        date = default;
        value = value[(value.LastIndexOf((byte)';') + 1)..];
        var tokens = Tokens(value.Length > LongestText ? value[..LongestText] : value);
        var at = tokens.Count > 0 && char.IsAsciiLetter(tokens[0][0]) ? 1 : 0;
        if (tokens.Count < at + 4
            || !TryNumber(tokens[at], 1, 2, out var day)
            || Array.IndexOf(Months, tokens[at + 1].Length < 3 ? "" : tokens[at + 1][..3]) is not (>= 0 and var month)
            || !IsMonth(tokens[at + 1], month)
            || !TryNumber(tokens[at + 2], 2, 4, out var year)
            || !TryTime(tokens[at + 3], out var time))
        {
            return false;
        }

        // RFC 5322, 4.3: 00 to 49 are 20xx, 50 to 99 and three digits count from 1900.
        year += tokens[at + 2].Length switch { 2 => year < 50 ? 2000 : 1900, 3 => 1900, _ => 0 };
        if (year is < 1 or > 9999 || day < 1 || day > DateTime.DaysInMonth(year, month + 1)
            || !TryZone(tokens.Count > at + 4 ? tokens[at + 4] : "", out var offset))
        {
            return false;
        }

        return TryMake(new DateTime(year, month + 1, day, 0, 0, 0, DateTimeKind.Unspecified) + time, offset, out date);
    }

    /// <summary>Three letters or the whole English name, never another word that begins alike.</summary>
    private static bool IsMonth(string token, int month) =>
        token.Length == 3 || token == "sept"
        || token == LongMonths[month];

    private static bool TryMake(DateTime local, TimeSpan offset, out DateTimeOffset date)
    {
        date = default;
        var utcTicks = local.Ticks - offset.Ticks;
        if (utcTicks < DateTime.MinValue.Ticks || utcTicks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        date = offset.Duration() <= WidestOffset ? new DateTimeOffset(local, offset) : new DateTimeOffset(utcTicks, TimeSpan.Zero);
        return true;
    }

    /// <summary>Lower-case words without comments and commas; white space around the colons of a time is taken out.</summary>
    private static List<string> Tokens(ReadOnlySpan<byte> value)
    {
        var tokens = new List<string>();
        var word = new StringBuilder();
        var depth = 0;
        for (var at = 0; at <= value.Length && tokens.Count < MostTokens; at++)
        {
            var c = at < value.Length ? (char)value[at] : ' ';
            depth += c == '(' ? 1 : 0;
            if (depth == 0 && c is not (' ' or '\t' or '\r' or '\n' or ','))
            {
                word.Append(char.ToLowerInvariant(c));
            }
            else if (word.Length > 0)
            {
                Add(tokens, word.ToString());
                word.Clear();
            }

            at += depth > 0 && c == '\\' ? 1 : 0;
            depth -= c == ')' && depth > 0 ? 1 : 0;
        }

        return tokens;
    }

    private static void Add(List<string> tokens, string word)
    {
        if (tokens.Count > 0 && (word[0] == ':' || tokens[^1].EndsWith(':')))
        {
            tokens[^1] += word;
        }
        else
        {
            tokens.Add(word);
        }
    }

    private static bool TryTime(string token, out TimeSpan time)
    {
        time = default;
        var parts = token.Split(':');
        if (parts.Length is < 2 or > 3 || !TryNumber(parts[0], 1, 2, out var hour) || !TryNumber(parts[1], 1, 2, out var minute))
        {
            return false;
        }

        var second = 0;
        if (parts.Length == 3 && !TryNumber(parts[2], 1, 2, out second))
        {
            return false;
        }

        // 60 is a leap second, which .NET does not have: the next minute's first.
        time = new TimeSpan(hour, minute, second);
        return hour <= 23 && minute <= 59 && second <= 60;
    }

    private static bool TryZone(string zone, out TimeSpan offset)
    {
        offset = default;
        if (zone.Length > 0 && zone[0] is '+' or '-')
        {
            if (!TryNumber(zone[1..].Replace(":", "", StringComparison.Ordinal), 4, 4, out var number) || number % 100 > 59)
            {
                return false;
            }

            offset = new TimeSpan(number / 100, number % 100, 0) * (zone[0] == '-' ? -1 : 1);
            return true;
        }

        offset = TimeSpan.FromHours(string.Concat(zone.TakeWhile(char.IsAsciiLetter)) switch
        {
            "edt" => -4,
            "est" or "cdt" => -5,
            "cst" or "mdt" => -6,
            "mst" or "pdt" => -7,
            "pst" => -8,
            _ => 0,
        });
        return true;
    }

    private static bool TryNumber(string text, int least, int most, out int number)
    {
        number = 0;
        if (text.Length < least || text.Length > most)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            number = (number * 10) + (c - '0');
        }

        return true;
    }
}
