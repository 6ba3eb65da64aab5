using Belljar.Mail.Authentication.Dkim;
using Belljar.Mail.Authentication.Spf;
using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Authentication.Dmarc;

/// <summary>DMARC (RFC 7489, 6.6.2): whether what SPF or DKIM proved is the domain that the reader sees in From.</summary>
internal sealed class DmarcVerifier(IDnsResolver dns, AuthenticationPolicy policy)
{
    private const int MostTexts = 20;

    public async Task<DmarcResult> VerifyAsync(string domain, SpfResult spf, IReadOnlyList<DkimResult> dkim, CancellationToken ct)
    {
        var organisation = policy.PublicSuffixes.OrganisationalDomain(domain);
        var (text, failure) = await FindAsync(domain, ct);
        var isBelow = text is null && failure is null && !DomainNames.AreSame(domain, organisation);
        if (isBelow)
        {
            (text, failure) = await FindAsync(organisation, ct);
        }

        if (failure is not null)
        {
            return new DmarcResult(DmarcVerdict.TempError, failure, domain);
        }

        if (text is null)
        {
            return new DmarcResult(DmarcVerdict.None, "the domain has no policy", domain);
        }

        if (DmarcRecord.TryRead(text) is not { } record)
        {
            return new DmarcResult(DmarcVerdict.PermError, "the domain's record is malformed", domain);
        }

        var asked = isBelow ? record.SubdomainPolicy : record.Policy;
        var proof = Proof(domain, organisation, record, spf, dkim);
        return new DmarcResult(proof is null ? DmarcVerdict.Fail : DmarcVerdict.Pass, proof ?? "nothing that was proven is aligned with From", domain, asked, record.Percent);
    }

    private string? Proof(string domain, string organisation, DmarcRecord record, SpfResult spf, IReadOnlyList<DkimResult> dkim)
    {
        if (dkim.FirstOrDefault(result => result.IsProof && IsAligned(result.Domain, record.StrictDkim)) is { } signature)
        {
            return $"signed by {signature.Domain}";
        }

        return spf.Verdict == SpfVerdict.Pass && IsAligned(spf.Domain.TrimEnd('.'), record.StrictSpf) ? "the sender's address is aligned" : null;

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
