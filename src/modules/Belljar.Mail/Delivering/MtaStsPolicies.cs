using System.Text;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Delivering;

/// <summary>Fetches policies over HTTPS. A seam: tests answer from memory.</summary>
internal interface IMtaStsFetcher
{
    /// <returns>The policy's text from <c>https://mta-sts.DOMAIN/.well-known/mta-sts.txt</c>; null where it could not be had for any reason.</returns>
    Task<string?> FetchAsync(string domain, CancellationToken ct);
}

/// <summary>
/// RFC 8461, 3.3 and 5: the record in DNS says whether there is a new policy; what was fetched is kept for as long as it says, across
/// restarts, because whoever can lie about DNS would otherwise switch it off.
/// </summary>
internal sealed class MtaStsPolicies(IDnsResolver dns, IMtaStsFetcher fetcher, MailQueue store, TimeProvider clock)
{
    /// <returns>Null where the domain has none.</returns>
    public async Task<MtaStsPolicy?> FindAsync(string domain, CancellationToken ct)
    {
        var kept = store.FindPolicy(domain) is { } found && found.Expires > clock.GetUtcNow() ? found : default((string Id, string Policy, DateTimeOffset Expires)?);
        var id = await IdAsync(domain, ct);
        if (id is null || id == kept?.Id)
        {
            return kept is { } known ? MtaStsPolicy.TryParse(known.Policy) : null;
        }

        if (await fetcher.FetchAsync(domain, ct) is { } text && MtaStsPolicy.TryParse(text) is { } policy)
        {
            await store.KeepPolicyAsync(domain, id, text, clock.GetUtcNow() + policy.MaxAge);
            return policy;
        }

        return kept is { } older ? MtaStsPolicy.TryParse(older.Policy) : null;
    }

    private async Task<string?> IdAsync(string domain, CancellationToken ct)
    {
        if (!DnsName.TryParse($"_mta-sts.{domain}", out var name))
        {
            return null;
        }

        var answer = await dns.QueryAsync(name, DnsType.Txt, ct);
        var records = answer.Records.Select(record => record.Data).OfType<TxtData>().Select(data => Encoding.UTF8.GetString(data.Joined()))
            .Where(text => text.StartsWith("v=STSv1;", StringComparison.Ordinal)).ToList();

        // 3.1: more than one is none.
        return records is [var only]
            ? only.Split(';').Select(part => part.Trim()).FirstOrDefault(part => part.StartsWith("id=", StringComparison.Ordinal))?[3..]
            : null;
    }
}
