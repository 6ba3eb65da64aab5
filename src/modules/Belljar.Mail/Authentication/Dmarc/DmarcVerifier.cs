using Belljar.Mail.Authentication.Dkim;
using Belljar.Mail.Authentication.Spf;
using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Authentication.Dmarc;

/// <summary>DMARC (RFC 7489, 6.6.2): whether what SPF or DKIM proved is the domain that the reader sees in From.</summary>
internal sealed class DmarcVerifier(IDnsResolver dns, AuthenticationPolicy policy)
{
    private const int MostTexts = 20;

    /// <summary>Fetches the policy, which needs nothing but the domain: it can be asked for beside all else.</summary>
    public async Task<DmarcLookup> LookUpAsync(string domain, CancellationToken ct)
    {
        var organisation = policy.PublicSuffixes.OrganisationalDomain(domain);
        var (text, failure) = await FindAsync(domain, ct);
        if (text is not null || failure is not null || DomainNames.AreSame(domain, organisation))
        {
            return new DmarcLookup(domain, text, failure, IsOfOrganisation: false);
        }

        (text, failure) = await FindAsync(organisation, ct);
        return new DmarcLookup(domain, text, failure, IsOfOrganisation: true);
    }

    public DmarcResult Judge(DmarcLookup lookup, SpfResult spf, IReadOnlyList<DkimResult> dkim)
    {
        var domain = lookup.Domain;
        if (lookup.Failure is { } failure)
        {
            return new DmarcResult(DmarcVerdict.TempError, failure, domain);
        }

        if (lookup.Text is not { } text)
        {
            return new DmarcResult(DmarcVerdict.None, "the domain has no policy", domain);
        }

        if (DmarcRecord.TryRead(text) is not { } record)
        {
            return new DmarcResult(DmarcVerdict.PermError, "the domain's record is malformed", domain);
        }

        var asked = lookup.IsOfOrganisation ? record.SubdomainPolicy : record.Policy;
        var (verdict, reason) = Judge(domain, policy.PublicSuffixes.OrganisationalDomain(domain), record, spf, dkim);
        return new DmarcResult(verdict, reason, domain, asked, record.Percent);
    }

    private (DmarcVerdict Verdict, string Reason) Judge(string domain, string organisation, DmarcRecord record, SpfResult spf, IReadOnlyList<DkimResult> dkim)
    {
        if (dkim.FirstOrDefault(result => result.IsProof && IsAligned(result.Domain, record.StrictDkim)) is { } signature)
        {
            return (DmarcVerdict.Pass, $"signed by {signature.Domain}");
        }

        var isSenderAligned = IsAligned(spf.Domain.TrimEnd('.'), record.StrictSpf);
        if (spf.Verdict == SpfVerdict.Pass && isSenderAligned)
        {
            return (DmarcVerdict.Pass, "the sender's address is aligned");
        }

        // 6.6.2: what might have proven it could not be looked up; that is not the sender's fault.
        var mayBeLater = (spf.Verdict == SpfVerdict.TempError && isSenderAligned)
            || dkim.Any(result => result.Verdict == DkimVerdict.TempError && (result.Domain.Length == 0 || IsAligned(result.Domain, record.StrictDkim)));
        return mayBeLater
            ? (DmarcVerdict.TempError, "what may be aligned with From could not be looked up")
            : (DmarcVerdict.Fail, "nothing that was proven is aligned with From");

        bool IsAligned(string proven, bool isStrict) =>
            DomainNames.AreSame(proven, domain)
            || (!isStrict && DomainNames.AreSame(policy.PublicSuffixes.OrganisationalDomain(proven), organisation));
    }

    /// <summary>The one record of a name (6.6.3: two are none); what failed, where nobody could say.</summary>
    private async Task<(byte[]? Text, string? Failure)> FindAsync(string domain, CancellationToken ct)
    {
        if (!DnsName.TryParse("_dmarc." + domain, out var name))
        {
            return (null, null);
        }

        var answer = await dns.QueryAsync(name, DnsType.Txt, ct);
        if (answer.Status == DnsStatus.TemporaryFailure)
        {
            return (null, $"the policy could not be fetched: {answer.Reason}");
        }

        var records = answer.Records.Take(MostTexts).Select(record => record.Data).OfType<TxtData>()
            .Select(text => text.Joined()).Where(text => DmarcRecord.IsVersion1(text)).ToList();
        return (records is [var only] ? only : null, null);
    }
}
