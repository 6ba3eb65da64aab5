using System.Net;
using System.Net.Sockets;
using System.Text;
using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Authentication.Spf;

/// <summary>
/// One check_host() (RFC 7208, 4) with its budget: terms that ask the DNS, void lookups, names of an MX or PTR answer.
/// <code>
/// TXT → one v=spf1 record → mechanisms left to right → first match decides
///                             │ include: a check of its own, same budget     none matched → redirect → else neutral
/// </code>
/// </summary>
internal sealed class SpfCheck(IDnsResolver dns, AuthenticationPolicy policy, SpfMacroValues sender)
{
    /// <summary>4.6.4: names of one MX or PTR answer.</summary>
    private const int MostNames = 10;

    /// <summary>Records of a TXT answer that are looked at; a domain with more has other troubles.</summary>
    private const int MostTexts = 100;

    private readonly DnsType _addressType = sender.Client.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa;
    private string _reason = "";
    private string? _explanation;
    private List<string>? _validatedNames;
    private int _lookups;
    private int _voidLookups;

    private enum Match
    {
        No,
        Yes,
        TempError,
        PermError,
    }

    public async Task<SpfResult> RunAsync(string domain, bool isHelo, CancellationToken ct)
    {
        var verdict = await CheckHostAsync(domain, isIncluded: false, ct);
        return new SpfResult(verdict, domain, isHelo, _reason, verdict == SpfVerdict.Fail ? _explanation : null);
    }

    private async Task<SpfVerdict> CheckHostAsync(string domain, bool isIncluded, CancellationToken ct)
    {
        // 4.3: a malformed name, one of a single label or an address literal has no policy.
        if (domain.StartsWith('[') || !DnsName.TryParse(domain, out var name) || !domain.TrimEnd('.').Contains('.'))
        {
            return Because(SpfVerdict.None, "not a domain name of two labels or more");
        }

        var answer = await dns.QueryAsync(name, DnsType.Txt, ct);
        if (answer.Status == DnsStatus.TemporaryFailure)
        {
            return Because(SpfVerdict.TempError, $"TXT of {name}: {answer.Reason}");
        }

        var texts = answer.Records.Take(MostTexts).Select(record => record.Data).OfType<TxtData>().Select(data => data.Joined());
        var records = texts.Where(text => SpfRecord.IsVersion1(text)).Take(2).ToList();
        if (records is not [var text])
        {
            return records is [] ? Because(SpfVerdict.None, $"{name} has no SPF record") : Because(SpfVerdict.PermError, $"{name} has more than one SPF record");
        }

        if (!SpfRecord.TryParse(text, out var record, out var mistake))
        {
            return Because(SpfVerdict.PermError, $"{name}: {mistake}");
        }

        return await EvaluateAsync(record, domain, isIncluded, ct);
    }

    private async Task<SpfVerdict> EvaluateAsync(SpfRecord record, string domain, bool isIncluded, CancellationToken ct)
    {
        foreach (var mechanism in record.Mechanisms)
        {
            if (mechanism.NeedsLookup && ++_lookups > policy.SpfLookups)
            {
                return Because(SpfVerdict.PermError, "more lookups than allowed");
            }

            switch (await MatchAsync(mechanism, domain, ct))
            {
                case Match.Yes:
                    Because(mechanism.Qualifier, $"{mechanism.Text} of {domain}");
                    if (mechanism.Qualifier == SpfVerdict.Fail && !isIncluded && record.Explanation is { } explanation)
                    {
                        await ExplainAsync(explanation, domain, ct);
                    }

                    return mechanism.Qualifier;
                case Match.TempError:
                    return SpfVerdict.TempError;
                case Match.PermError:
                    return SpfVerdict.PermError;
            }

            if (_voidLookups > policy.SpfVoidLookups)
            {
                return Because(SpfVerdict.PermError, "more names without records than allowed");
            }
        }

        return record.Redirect is { } redirect ? await RedirectAsync(redirect, domain, isIncluded, ct) : Because(SpfVerdict.Neutral, $"nothing of {domain} matched");
    }

    private async Task<SpfVerdict> RedirectAsync(string redirect, string domain, bool isIncluded, CancellationToken ct)
    {
        if (++_lookups > policy.SpfLookups)
        {
            return Because(SpfVerdict.PermError, "more lookups than allowed");
        }

        var target = await ExpandDomainAsync(redirect, domain, ct);
        var verdict = await CheckHostAsync(target, isIncluded, ct);
        return verdict == SpfVerdict.None ? Because(SpfVerdict.PermError, $"{domain} redirects to what has no SPF record") : verdict;
    }

    private async ValueTask<Match> MatchAsync(SpfMechanism mechanism, string domain, CancellationToken ct)
    {
        switch (mechanism.Kind)
        {
            case SpfMechanismKind.All:
                return Match.Yes;
            case SpfMechanismKind.Ip4 or SpfMechanismKind.Ip6:
                return mechanism.Contains(mechanism.Network!, sender.Client) ? Match.Yes : Match.No;
        }

        var target = mechanism.DomainSpec is { } spec ? await ExpandDomainAsync(spec, domain, ct) : domain;
        if (mechanism.Kind == SpfMechanismKind.Include)
        {
            return await IncludeAsync(target, ct);
        }

        // 4.8: what macros made no name of does not match.
        if (!DnsName.TryParse(target, out var name))
        {
            return Match.No;
        }

        return mechanism.Kind switch
        {
            SpfMechanismKind.A => await MatchAddressesAsync(mechanism, name, ct),
            SpfMechanismKind.MX => await MatchExchangesAsync(mechanism, name, ct),
            SpfMechanismKind.Ptr => await MatchPointersAsync(target, ct),
            _ => await MatchExistsAsync(name, ct),
        };
    }

    private async Task<Match> IncludeAsync(string target, CancellationToken ct)
    {
        switch (await CheckHostAsync(target, isIncluded: true, ct))
        {
            case SpfVerdict.Pass:
                return Match.Yes;
            case SpfVerdict.TempError:
                return Match.TempError;
            case SpfVerdict.PermError:
                return Match.PermError;
            case SpfVerdict.None:
                Because(SpfVerdict.PermError, $"includes {target}, which has no SPF record");
                return Match.PermError;
            default:
                return Match.No;
        }
    }

    private async Task<Match> MatchAddressesAsync(SpfMechanism mechanism, DnsName name, CancellationToken ct)
    {
        var answer = await LookUpAsync(name, _addressType, ct);
        if (answer.Status == DnsStatus.TemporaryFailure)
        {
            return Match.TempError;
        }

        return answer.Records.Any(record => record.Data is AddressData data && mechanism.Contains(data.Address, sender.Client)) ? Match.Yes : Match.No;
    }

    private async Task<Match> MatchExchangesAsync(SpfMechanism mechanism, DnsName name, CancellationToken ct)
    {
        var answer = await LookUpAsync(name, DnsType.MX, ct);
        if (answer.Status == DnsStatus.TemporaryFailure)
        {
            return Match.TempError;
        }

        if (answer.Records.Count > MostNames)
        {
            Because(SpfVerdict.PermError, $"{name} has more than {MostNames} mail exchangers");
            return Match.PermError;
        }

        foreach (var exchange in answer.Records.Select(record => record.Data).OfType<MxData>().Select(data => data.Exchange).Where(exchange => !exchange.IsRoot))
        {
            var match = await MatchAddressesAsync(mechanism, exchange, ct);
            if (match != Match.No || _voidLookups > policy.SpfVoidLookups)
            {
                return match;
            }
        }

        return Match.No;
    }

    private async Task<Match> MatchExistsAsync(DnsName name, CancellationToken ct) => (await LookUpAsync(name, DnsType.A, ct)).Status switch
    {
        DnsStatus.Found => Match.Yes,
        DnsStatus.TemporaryFailure => Match.TempError,
        _ => Match.No,
    };

    private async Task<Match> MatchPointersAsync(string target, CancellationToken ct) =>
        (await ValidatedNamesAsync(ct)).Any(name => DomainNames.IsSameOrBelow(name, target.TrimEnd('.'))) ? Match.Yes : Match.No;

    /// <summary>5.5: names of the client's PTR records whose addresses lead back to it. Failures only leave names out.</summary>
    private async Task<List<string>> ValidatedNamesAsync(CancellationToken ct)
    {
        if (_validatedNames is not null)
        {
            return _validatedNames;
        }

        _validatedNames = [];
        var answer = await dns.QueryAsync(ReverseName(sender.Client), DnsType.Ptr, ct);
        foreach (var candidate in answer.Records.Select(record => record.Data).OfType<NameData>().Take(MostNames))
        {
            var addresses = await dns.QueryAsync(candidate.Target, _addressType, ct);
            if (addresses.Records.Any(record => record.Data is AddressData data && data.Address.Equals(sender.Client)))
            {
                _validatedNames.Add(candidate.Target.ToString());
            }
        }

        return _validatedNames;
    }

    private static DnsName ReverseName(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return DnsName.Parse(bytes.Length == 4
            ? $"{bytes[3]}.{bytes[2]}.{bytes[1]}.{bytes[0]}.in-addr.arpa"
            : string.Join('.', Convert.ToHexStringLower(bytes).Reverse()) + ".ip6.arpa");
    }

    /// <summary>A lookup that counts as void when it brings nothing (4.6.4).</summary>
    private async ValueTask<DnsAnswer> LookUpAsync(DnsName name, DnsType type, CancellationToken ct)
    {
        var answer = await dns.QueryAsync(name, type, ct);
        if (answer.Status == DnsStatus.TemporaryFailure)
        {
            Because(SpfVerdict.TempError, $"{type} of {name}: {answer.Reason}");
        }

        _voidLookups += answer.Status is DnsStatus.NoData or DnsStatus.NxDomain ? 1 : 0;
        return answer;
    }

    private async ValueTask<string> ExpandDomainAsync(string spec, string domain, CancellationToken ct) =>
        SpfMacros.ExpandDomain(spec, await ValuesAsync(spec, domain, ct));

    private async ValueTask<SpfMacroValues> ValuesAsync(string text, string domain, CancellationToken ct)
    {
        var values = sender with { Domain = domain.TrimEnd('.') };
        if (!SpfMacros.NeedsValidatedName(text))
        {
            return values;
        }

        // 7.3: the domain itself, else a name below it, else any.
        var names = await ValidatedNamesAsync(ct);
        var name = names.FirstOrDefault(name => name.Equals(values.Domain, StringComparison.OrdinalIgnoreCase))
            ?? names.FirstOrDefault(name => DomainNames.IsSameOrBelow(name, values.Domain))
            ?? names.FirstOrDefault();
        return values with { ValidatedName = name ?? "unknown" };
    }

    /// <summary>6.2: whatever goes wrong here only means that there is no explanation.</summary>
    private async Task ExplainAsync(string spec, string domain, CancellationToken ct)
    {
        if (!DnsName.TryParse(await ExpandDomainAsync(spec, domain, ct), out var name))
        {
            return;
        }

        var answer = await dns.QueryAsync(name, DnsType.Txt, ct);
        if (answer.Records is not [{ Data: TxtData data }] || !Ascii.IsValid(data.Joined()))
        {
            return;
        }

        var text = Encoding.ASCII.GetString(data.Joined());
        if (!SpfMacros.IsMacroString(text, inExplanation: true))
        {
            return;
        }

        var explanation = SpfMacros.Expand(text, await ValuesAsync(text, domain, ct));
        _explanation = explanation.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 ? explanation : null;
    }

    private SpfVerdict Because(SpfVerdict verdict, string reason)
    {
        _reason = reason;
        return verdict;
    }
}
