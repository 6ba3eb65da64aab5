using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Belljar.Mail.Authentication.Spf;

/// <summary>What macros stand for (RFC 7208, 7.2).</summary>
/// <param name="ValidatedName">%{p}; looked up beforehand where a text needs it.</param>
internal sealed record SpfMacroValues(
    IPAddress Client, string LocalPart, string SenderDomain, string Domain, string Helo, string Receiver, string ValidatedName, DateTimeOffset Now);

/// <summary>RFC 7208, 7: the syntax of macro strings, and their expansion. Expanded text is bounded by <see cref="LongestText"/>.</summary>
internal static class SpfMacros
{
    /// <summary>A record of a few hundred macros could otherwise become megabytes.</summary>
    private const int LongestText = 4096;

    private static readonly SearchValues<char> Delimiters = SearchValues.Create(".-+,/_=");

    /// <summary>domain-spec = macro-string domain-end.</summary>
    public static bool IsDomainSpec(string text)
    {
        if (text.Length == 0 || !TryScan(text, inExplanation: false, out var endsInMacro))
        {
            return false;
        }

        return endsInMacro || EndsInTopLabel(text);
    }

    public static bool IsMacroString(string text, bool inExplanation) => TryScan(text, inExplanation, out _);

    /// <summary>Whether %{p} stands anywhere in it.</summary>
    public static bool NeedsValidatedName(string text) => text.Contains("%{p", StringComparison.OrdinalIgnoreCase);

    /// <summary>The text must have been checked.</summary>
    public static string Expand(string text, SpfMacroValues values)
    {
        var output = new StringBuilder();
        for (var at = 0; at < text.Length && output.Length < LongestText; at++)
        {
            if (text[at] != '%')
            {
                output.Append(text[at]);
                continue;
            }

            switch (text[++at])
            {
                case '%':
                    output.Append('%');
                    break;
                case '_':
                    output.Append(' ');
                    break;
                case '-':
                    output.Append("%20");
                    break;
                default:
                    var end = text.IndexOf('}', at);
                    output.Append(Expand(text.AsSpan(at + 1, end - at - 1), values));
                    at = end;
                    break;
            }
        }

        return output.Length > LongestText ? output.ToString(0, LongestText) : output.ToString();
    }

    /// <summary>7.3: an expanded name that is too long loses labels on its left.</summary>
    public static string ExpandDomain(string text, SpfMacroValues values)
    {
        var name = Expand(text, values).TrimEnd('.');
        while (name.Length > 253 && name.IndexOf('.') is >= 0 and var dot)
        {
            name = name[(dot + 1)..];
        }

        return name;
    }

    private static bool TryScan(string text, bool inExplanation, out bool endsInMacro)
    {
        endsInMacro = false;
        for (var at = 0; at < text.Length; at++)
        {
            endsInMacro = false;
            if (text[at] != '%')
            {
                if (text[at] is < '!' or > '~' && !(inExplanation && text[at] == ' '))
                {
                    return false;
                }

                continue;
            }

            endsInMacro = true;
            if (++at == text.Length)
            {
                return false;
            }

            if (text[at] is '%' or '_' or '-')
            {
                continue;
            }

            var end = text[at] == '{' ? text.IndexOf('}', at) : -1;
            if (end < 0 || !IsMacro(text.AsSpan(at + 1, end - at - 1), inExplanation))
            {
                return false;
            }

            at = end;
        }

        return true;
    }

    /// <summary>macro-letter *DIGIT ["r"] *delimiter.</summary>
    private static bool IsMacro(ReadOnlySpan<char> macro, bool inExplanation)
    {
        if (macro.IsEmpty || !(inExplanation ? "slodiphcrtv" : "slodiphv").Contains(char.ToLowerInvariant(macro[0])))
        {
            return false;
        }

        Take(macro, out var parts, out _, out var delimiters);
        return parts != 0 && delimiters.IndexOfAnyExcept(Delimiters) < 0;
    }

    private static void Take(ReadOnlySpan<char> macro, out int parts, out bool isReversed, out ReadOnlySpan<char> delimiters)
    {
        var at = 1;
        while (at < macro.Length && char.IsAsciiDigit(macro[at]))
        {
            at++;
        }

        // More parts than any name has are all parts.
        parts = at == 1 ? int.MaxValue : int.TryParse(macro[1..at], out var number) ? number : int.MaxValue;
        isReversed = at < macro.Length && macro[at] is 'r' or 'R';
        delimiters = macro[(isReversed ? at + 1 : at)..];
    }

    private static bool EndsInTopLabel(string text)
    {
        text = text.EndsWith('.') ? text[..^1] : text;
        var dot = text.LastIndexOf('.');
        var label = text.AsSpan(dot + 1);
        return dot >= 0 && !label.IsEmpty && label[0] != '-' && label[^1] != '-'
            && label.IndexOfAnyExceptInRange('0', '9') >= 0
            && label.ToString().All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
    }

    private static string Expand(ReadOnlySpan<char> macro, SpfMacroValues values)
    {
        Take(macro, out var count, out var isReversed, out var delimiters);
        var value = Value(char.ToLowerInvariant(macro[0]), values);
        if (count != int.MaxValue || isReversed || !delimiters.IsEmpty)
        {
            var parts = value.Split(delimiters.IsEmpty ? ['.'] : delimiters.ToArray());
            if (isReversed)
            {
                Array.Reverse(parts);
            }

            value = string.Join('.', parts.TakeLast(count));
        }

        // Only a-z, A-Z, 0-9 and -._~ stay: exactly what EscapeDataString does.
        return char.IsAsciiLetterUpper(macro[0]) ? Uri.EscapeDataString(value) : value;
    }

    private static string Value(char letter, SpfMacroValues values) => letter switch
    {
        's' => $"{values.LocalPart}@{values.SenderDomain}",
        'l' => values.LocalPart,
        'o' => values.SenderDomain,
        'd' => values.Domain,
        'i' => DottedAddress(values.Client),
        'p' => values.ValidatedName,
        'v' => values.Client.AddressFamily == AddressFamily.InterNetwork ? "in-addr" : "ip6",
        'h' => values.Helo,
        'c' => values.Client.ToString(),
        'r' => values.Receiver,
        _ => values.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>IPv6 as 32 nibbles with dots between them.</summary>
    private static string DottedAddress(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? address.ToString()
        : string.Join('.', Convert.ToHexString(address.GetAddressBytes()).AsEnumerable());
}
