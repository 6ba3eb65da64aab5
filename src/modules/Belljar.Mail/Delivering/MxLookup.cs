using System.Net;
using System.Security.Cryptography;
using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Delivering;

/// <summary>Who takes mail for a domain.</summary>
/// <param name="Hosts">In the order in which they are tried; empty where nobody does, or nobody knows.</param>
/// <param name="IsTemporary">Whether that may be different later.</param>
/// <param name="Reason">Why there are none; empty where there are.</param>
/// <param name="Status">Enhanced (RFC 3463), for the report.</param>
internal sealed record MxHosts(IReadOnlyList<string> Hosts, bool IsTemporary = false, string Reason = "", string Status = "");

/// <summary>
/// RFC 5321 §5.1: MX by preference, ties in random order; the domain itself where it has no MX at all, and only then; nobody where its
/// one MX is null (RFC 7505). Hosts behind ourselves in the list are left out: mail would go in circles.
/// </summary>
internal sealed class MxLookup(IDnsResolver dns, string ownName)
{
    private const int MostHosts = 8;

    public async Task<MxHosts> FindAsync(string domain, CancellationToken ct)
    {
        if (!DnsName.TryParse(domain, out var name))
        {
            return new MxHosts([], Reason: $"'{domain}' is no domain name", Status: "5.1.2");
        }

        var answer = await dns.QueryAsync(name, DnsType.MX, ct);
        return answer.Status switch
        {
            DnsStatus.Found => Order(domain, [.. answer.Records.Select(record => record.Data).OfType<MxData>()]),
            DnsStatus.NoData => new MxHosts([domain]),
            DnsStatus.NxDomain => new MxHosts([], Reason: $"the domain {domain} does not exist", Status: "5.1.2"),
            _ => new MxHosts([], IsTemporary: true, $"the mail servers of {domain} could not be looked up: {answer.Reason}", "4.4.3"),
        };
    }

    /// <summary>IPv4 and IPv6, as they come.</summary>
    public async Task<(IReadOnlyList<IPAddress> Addresses, bool IsTemporary)> AddressesAsync(string host, bool useIPv6, CancellationToken ct)
    {
        if (!DnsName.TryParse(host, out var name))
        {
            return ([], false);
        }

        var v4 = await dns.QueryAsync(name, DnsType.A, ct);
        var v6 = useIPv6 ? await dns.QueryAsync(name, DnsType.Aaaa, ct) : DnsAnswer.NoData();
        var addresses = v4.Records.Concat(v6.Records).Select(record => record.Data).OfType<AddressData>().Select(data => data.Address).ToList();
        return (addresses, addresses.Count == 0 && (v4.Status == DnsStatus.TemporaryFailure || v6.Status == DnsStatus.TemporaryFailure));
    }

    private MxHosts Order(string domain, List<MxData> records)
    {
        if (records.TrueForAll(record => record.Exchange.IsRoot))
        {
            return new MxHosts([], Reason: $"the domain {domain} takes no mail (null MX)", Status: "5.1.10");
        }

        var own = records.Where(record => record.Exchange.ToString().Equals(ownName, StringComparison.OrdinalIgnoreCase)).Select(record => (int)record.Preference)
            .DefaultIfEmpty(int.MaxValue).Min();
        var hosts = records.Where(record => record.Preference < own && !record.Exchange.IsRoot).ToArray();
        RandomNumberGenerator.Shuffle(hosts.AsSpan());
        return hosts is []
            ? new MxHosts([], Reason: $"the mail for {domain} comes back to this server, which does not know the domain", Status: "5.4.6")
            : new MxHosts([.. hosts.OrderBy(host => host.Preference).Select(host => host.Exchange.ToString().ToLowerInvariant()).Distinct().Take(MostHosts)]);
    }
}
