using System.Globalization;
using System.Text;

namespace Belljar.Toml;

/// <summary>Integers, floats and the four kinds of date and time: all that begins with a digit, a sign, <c>i</c> or <c>n</c>.</summary>
internal ref partial struct TomlParser
{
    /// <summary>No number or date of sensible precision is longer; a longer one is refused rather than copied.</summary>
    private const int LongestNumber = 1024;

    private bool ReadNumberOrDate(out TomlValue? value)
    {
        value = null;
        var token = TakeToken();
        if (token.IsEmpty || token.Length > LongestNumber)
        {
            return FailHere(token.IsEmpty ? "expected a value" : "the number is too long");
        }

        var start = _at;
        if (LooksLikeDate(token))
        {
            // A single space may stand for the T between date and time.
            if (token.Length == 10 && start + 12 < _bytes.Length && _bytes[start + 10] == ' ' && char.IsAsciiDigit((char)_bytes[start + 11]))
            {
                _at += 11;
                token = _bytes.Slice(start, 11 + TakeToken().Length);
                _at = start;
            }

            value = TomlDates.Parse(Encoding.ASCII.GetString(token));
            if (value is null)
            {
                return Fail(start, "not a date or time that exists");
            }
        }
        else if (!TryNumber(Encoding.ASCII.GetString(token), out value, out var reason))
        {
            return Fail(start, reason);
        }

        _at = start + token.Length;
        return true;
    }

    /// <summary>The run of bytes that numbers and dates are made of.</summary>
    private readonly ReadOnlySpan<byte> TakeToken()
    {
        var rest = _bytes[_at..];
        var length = 0;
        while (length < rest.Length && (char.IsAsciiLetterOrDigit((char)rest[length]) || "+-_.:"u8.Contains(rest[length])))
        {
            length++;
        }

        return rest[..length];
    }

    private static bool LooksLikeDate(ReadOnlySpan<byte> token) =>
        (token.Length > 4 && char.IsAsciiDigit((char)token[0]) && token[4] == '-' && !token.ContainsAny((byte)'e', (byte)'E'))
        || (token.Length > 2 && token[2] == ':');

    private static bool TryNumber(string token, out TomlValue? value, out string reason)
    {
        reason = "not a number, date, boolean, string, array or table";
        value = null;
        var unsigned = token[0] is '+' or '-' ? token[1..] : token;
        if (unsigned is "inf" or "nan")
        {
            var special = unsigned == "nan" ? double.NaN : double.PositiveInfinity;
            value = new TomlFloat(token[0] == '-' ? -special : special);
            return true;
        }

        if (unsigned.Length == 0 || !char.IsAsciiDigit(unsigned[0]))
        {
            return false;
        }

        reason = "not a number as TOML writes them";
        if (unsigned.Length > 1 && unsigned[0] == '0' && unsigned[1] is 'x' or 'o' or 'b')
        {
            return unsigned.Length == token.Length && TryPrefixed(token, out value);
        }

        return unsigned.AsSpan().ContainsAny('.', 'e', 'E') ? TryFloat(token, unsigned, out value) : TryInteger(token, unsigned, out value, ref reason);
    }

    private static bool TryInteger(string token, string unsigned, out TomlValue? value, ref string reason)
    {
        value = null;
        if (!AreDigits(unsigned, char.IsAsciiDigit) || (unsigned.Length > 1 && unsigned[0] == '0'))
        {
            return false;
        }

        if (!long.TryParse(token.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            reason = "the integer does not fit into 64 bits";
            return false;
        }

        return Set(out value, new TomlInteger(number));
    }

    private static bool TryPrefixed(string token, out TomlValue? value)
    {
        value = null;
        var digits = token[2..];
        var (bits, isDigit) = token[1] switch
        {
            'x' => (4, (Func<char, bool>)char.IsAsciiHexDigit),
            'o' => (3, static c => c is >= '0' and <= '7'),
            _ => (1, static c => c is '0' or '1'),
        };
        if (!AreDigits(digits, isDigit))
        {
            return false;
        }

        var number = 0L;
        foreach (var c in digits.Where(c => c != '_'))
        {
            if (number >> (63 - bits) != 0)
            {
                return false;
            }

            number = (number << bits) | (long)Convert.ToInt32(c.ToString(), 16);
        }

        return Set(out value, new TomlInteger(number));
    }

    private static bool TryFloat(string token, string unsigned, out TomlValue? value)
    {
        value = null;
        var exponentAt = unsigned.AsSpan().IndexOfAny('e', 'E');
        var mantissa = exponentAt < 0 ? unsigned : unsigned[..exponentAt];
        if (exponentAt >= 0)
        {
            var exponent = unsigned[(exponentAt + 1)..];
            exponent = exponent.StartsWith('+') || exponent.StartsWith('-') ? exponent[1..] : exponent;
            if (!AreDigits(exponent, char.IsAsciiDigit))
            {
                return false;
            }
        }

        var parts = mantissa.Split('.');
        if (parts.Length > 2 || !parts.All(part => AreDigits(part, char.IsAsciiDigit)) || (parts[0].Length > 1 && parts[0][0] == '0'))
        {
            return false;
        }

        var number = double.Parse(token.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture);
        return Set(out value, new TomlFloat(number));
    }

    /// <summary>At least one digit, and every underscore between two of them.</summary>
    private static bool AreDigits(string text, Func<char, bool> isDigit)
    {
        if (text.Length == 0 || text[0] == '_' || text[^1] == '_' || text.Contains("__", StringComparison.Ordinal))
        {
            return false;
        }

        return text.All(c => c == '_' || isDigit(c));
    }
}
