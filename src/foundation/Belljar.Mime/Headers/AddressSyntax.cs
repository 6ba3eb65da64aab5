using System.Net;

namespace Belljar.Mime.Headers;

/// <summary>RFC 5321, 4.1.2 with RFC 6531's UTF-8: what may be an address on the wire.</summary>
internal static class AddressSyntax
{
    private const int LongestLocalPart = 64;
    private const int LongestDomain = 255;
    private const int LongestLabel = 63;
    private const string AtomSpecials = "!#$%&'*+-/=?^_`{|}~";

    public static bool IsValid(string address)
    {
        var at = address.LastIndexOf('@');
        return at is > 0 and <= LongestLocalPart && IsLocalPart(address.AsSpan(0, at)) && IsDomain(address.AsSpan(at + 1));
    }

    private static bool IsLocalPart(ReadOnlySpan<char> local) =>
        local[0] == '"' ? IsQuoted(local) : IsDotAtom(local);

    private static bool IsDotAtom(ReadOnlySpan<char> local)
    {
        foreach (var atom in local.Split('.'))
        {
            var text = local[atom];
            if (text.IsEmpty)
            {
                return false;
            }

            foreach (var c in text)
            {
                if (!char.IsAsciiLetterOrDigit(c) && !AtomSpecials.Contains(c) && !IsInternational(c))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool IsQuoted(ReadOnlySpan<char> local)
    {
        if (local.Length < 2 || local[^1] != '"')
        {
            return false;
        }

        local = local[1..^1];
        for (var i = 0; i < local.Length; i++)
        {
            if (local[i] == '\\')
            {
                i++;
                if (i == local.Length || local[i] is < ' ' or > '~')
                {
                    return false;
                }
            }
            else if (local[i] is '"' or < ' ' or '\u007f' || (local[i] > '~' && !IsInternational(local[i])))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDomain(ReadOnlySpan<char> domain)
    {
        if (domain.Length is 0 or > LongestDomain)
        {
            return false;
        }

        if (domain[0] == '[')
        {
            return domain[^1] == ']' && IsLiteral(domain[1..^1]);
        }

        foreach (var range in domain.Split('.'))
        {
            var label = domain[range];
            if (label.Length is 0 or > LongestLabel || label[0] == '-' || label[^1] == '-')
            {
                return false;
            }

            foreach (var c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_') && !IsInternational(c))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool IsLiteral(ReadOnlySpan<char> literal) =>
        literal.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase)
            ? literal.Contains(':') && IPAddress.TryParse(literal[5..], out var six) && six.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            : literal.Count('.') == 3 && IPAddress.TryParse(literal, out _);

    /// <summary>Letters, digits and marks of other scripts; no spaces, controls or invisible characters.</summary>
    private static bool IsInternational(char c) => c > 0x9F && (char.IsLetterOrDigit(c) || char.IsSurrogate(c) || char.IsSymbol(c)
        || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark);
}
