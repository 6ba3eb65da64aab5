using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Belljar.Mail.Authentication.Spf;

/// <summary>A policy (RFC 7208, 4.5 f. and 12). A mistake anywhere makes all of it a PermError, so it is read as a whole first.</summary>
internal sealed class SpfRecord
{
    private readonly List<SpfMechanism> _mechanisms = [];

    private SpfRecord()
    {
    }

    public IReadOnlyList<SpfMechanism> Mechanisms => _mechanisms;

    public string? Redirect { get; private set; }

    public string? Explanation { get; private set; }

    /// <summary>Whether a TXT record is one of ours: <c>v=spf1</c> and then a space or nothing (4.5).</summary>
    public static bool IsVersion1(ReadOnlySpan<byte> text) =>
        text.Length >= 6 && Ascii.EqualsIgnoreCase(text[..6], "v=spf1"u8) && (text.Length == 6 || text[6] == ' ');

    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out SpfRecord? record, out string reason)
    {
        record = null;
        if (!IsVersion1(text) || text.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            reason = "the record is not plain ASCII";
            return false;
        }

        var read = new SpfRecord();
        foreach (var term in Encoding.ASCII.GetString(text[6..]).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!(ModifierName(term) is { } name ? read.TryAddModifier(name, term[(name.Length + 1)..]) : read.TryAddMechanism(term)))
            {
                reason = $"the record's term \"{term}\" is invalid";
                return false;
            }
        }

        record = read;
        reason = "";
        return true;
    }

    /// <summary>What stands before a <c>=</c> that comes before any <c>:</c> and <c>/</c>; null for a mechanism.</summary>
    private static string? ModifierName(string term) =>
        term.AsSpan().IndexOfAny('=', ':', '/') is >= 0 and var at && term[at] == '=' ? term[..at] : null;

    private bool TryAddModifier(string name, string value)
    {
        switch (name.ToLowerInvariant())
        {
            case "redirect":
                (var once, Redirect) = (Redirect is null, value);
                return once && SpfMacros.IsDomainSpec(value);
            case "exp":
                (once, Explanation) = (Explanation is null, value);
                return once && SpfMacros.IsDomainSpec(value);
            default:
                return name.Length > 0 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
                    && SpfMacros.IsMacroString(value, inExplanation: true);
        }
    }

    private bool TryAddMechanism(string term)
    {
        var (qualifier, rest) = term[0] switch
        {
            '+' => (SpfVerdict.Pass, term[1..]),
            '-' => (SpfVerdict.Fail, term[1..]),
            '~' => (SpfVerdict.SoftFail, term[1..]),
            '?' => (SpfVerdict.Neutral, term[1..]),
            _ => (SpfVerdict.Pass, term),
        };
        var end = rest.AsSpan().IndexOfAny(':', '/') is >= 0 and var at ? at : rest.Length;
        var argument = rest[end..];
        var mechanism = rest[..end].ToLowerInvariant() switch
        {
            "all" => argument is "" ? Of(SpfMechanismKind.All, null) : null,
            "include" => Domain(SpfMechanismKind.Include, argument, isRequired: true),
            "exists" => Domain(SpfMechanismKind.Exists, argument, isRequired: true),
            "ptr" => Domain(SpfMechanismKind.Ptr, argument, isRequired: false),
            "a" => DomainAndPrefixes(SpfMechanismKind.A, argument),
            "mx" => DomainAndPrefixes(SpfMechanismKind.MX, argument),
            "ip4" => Network(SpfMechanismKind.Ip4, argument),
            "ip6" => Network(SpfMechanismKind.Ip6, argument),
            _ => null,
        };
        if (mechanism is null)
        {
            return false;
        }

        _mechanisms.Add(mechanism with { Qualifier = qualifier, Text = term });
        return true;
    }

    private static SpfMechanism Of(SpfMechanismKind kind, string? domainSpec, int prefix4 = 32, int prefix6 = 128, IPAddress? network = null) =>
        new(SpfVerdict.Neutral, kind, domainSpec, prefix4, prefix6, network, "");

    private static SpfMechanism? Domain(SpfMechanismKind kind, string argument, bool isRequired) => argument switch
    {
        "" => isRequired ? null : Of(kind, null),
        [':', .. var spec] when SpfMacros.IsDomainSpec(spec) => Of(kind, spec),
        _ => null,
    };

    private static SpfMechanism? DomainAndPrefixes(SpfMechanismKind kind, string argument)
    {
        if (!TryCutPrefixes(ref argument, out var prefix4, out var prefix6))
        {
            return null;
        }

        return Domain(kind, argument, isRequired: false) is { } mechanism ? mechanism with { Prefix4 = prefix4, Prefix6 = prefix6 } : null;
    }

    /// <summary>Takes <c>[/n4][//n6]</c> off the end; a slash may stand in the domain too (macro-literal), so it is read from behind.</summary>
    private static bool TryCutPrefixes(ref string argument, out int prefix4, out int prefix6)
    {
        (prefix4, prefix6) = (32, 128);
        var digits = TrailingDigits(argument);
        if (digits < argument.Length && digits > 1 && argument[digits - 1] == '/' && argument[digits - 2] == '/')
        {
            if (!TryPrefix(argument[digits..], 128, out prefix6))
            {
                return false;
            }

            argument = argument[..(digits - 2)];
            digits = TrailingDigits(argument);
        }

        if (digits < argument.Length && digits > 0 && argument[digits - 1] == '/')
        {
            if (!TryPrefix(argument[digits..], 32, out prefix4))
            {
                return false;
            }

            argument = argument[..(digits - 1)];
        }

        return true;
    }

    private static int TrailingDigits(string text)
    {
        var at = text.Length;
        while (at > 0 && char.IsAsciiDigit(text[at - 1]))
        {
            at--;
        }

        return at;
    }

    private static bool TryPrefix(string text, int most, out int prefix)
    {
        prefix = 0;
        return text is "0" or [not '0', ..] && text.Length <= 3 && int.TryParse(text, out prefix) && prefix <= most;
    }

    private static SpfMechanism? Network(SpfMechanismKind kind, string argument)
    {
        if (argument is not [':', .. var text])
        {
            return null;
        }

        var is4 = kind == SpfMechanismKind.Ip4;
        var most = is4 ? 32 : 128;
        var slash = text.IndexOf('/');
        if (slash >= 0 && !TryPrefix(text[(slash + 1)..], most, out most))
        {
            return null;
        }

        var address = slash < 0 ? text : text[..slash];
        return (is4 ? ParseIp4(address) : ParseIp6(address)) is { } network ? Of(kind, null, most, most, network) : null;
    }

    /// <summary>Four decimal numbers; IPAddress alone would take <c>1.2.3</c> and octal ones.</summary>
    private static IPAddress? ParseIp4(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 4 && parts.All(part => part is "0" or [not '0', ..] && part.Length <= 3 && part.All(char.IsAsciiDigit))
            && IPAddress.TryParse(text, out var address) ? address : null;
    }

    private static IPAddress? ParseIp6(string text) =>
        text.Contains(':') && text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')
        && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? address : null;
}
