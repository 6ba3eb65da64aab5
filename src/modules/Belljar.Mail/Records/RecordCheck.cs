using System.Net;
using System.Text;
using Belljar.Hosting.Doctor;
using Belljar.Mail.Authentication;
using Belljar.Mail.Authentication.Dkim;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Mail.Authentication.Spf;
using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Records;

/// <param name="Found">What the resolver gave, in a few words.</param>
/// <param name="Remedy">Null where nothing needs doing.</param>
public sealed record RecordFinding(PublishedRecord Record, CheckState State, string Found, string? Remedy);

/// <summary>Holds what the domain name system says against what should be published.</summary>
/// <param name="addresses">This machine's public addresses; none where they are not known.</param>
public sealed class RecordCheck(IDnsResolver dns, string hostName, IReadOnlyList<IPAddress> addresses, TimeProvider clock)
{
    private const int LongestShown = 120;

    /// <param name="resolver">Null for the system's.</param>
    public static RecordCheck Over(IPEndPoint? resolver, string hostName, IReadOnlyList<IPAddress> addresses, TimeProvider clock)
    {
        var options = resolver is null ? DnsResolverOptions.FromResolvConf() : new DnsResolverOptions { Servers = [resolver] };
        return new RecordCheck(new UdpDnsResolver(options, clock), hostName, addresses, clock);
    }

    public async Task<RecordFinding> RunAsync(PublishedRecord record, CancellationToken ct)
    {
        if (!DnsName.TryParse(record.Name, out var name))
        {
            return new RecordFinding(record, CheckState.Bad, "the name is none that DNS can hold", "Use another name in belljar.yaml.");
        }

        var answer = await dns.QueryAsync(name, record.Type, ct);
        if (answer.Status is DnsStatus.TemporaryFailure)
        {
            return new RecordFinding(record, CheckState.Warn, $"nobody answered: {answer.Reason}", "Try again; if it stays, the domain's name servers or this machine's resolver are at fault.");
        }

        return record.Purpose switch
        {
            RecordPurpose.Address => CheckAddress(record, answer),
            RecordPurpose.Mx => CheckMx(record, answer),
            RecordPurpose.Spf => await CheckSpfAsync(record, answer, ct),
            RecordPurpose.Dkim => CheckDkim(record, answer),
            RecordPurpose.Dmarc => CheckDmarc(record, answer),
            RecordPurpose.MtaSts => await CheckStsAsync(record, answer, ct),
            _ => CheckReporting(record, answer),
        };
    }

    private RecordFinding CheckAddress(PublishedRecord record, DnsAnswer answer)
    {
        var found = answer.Records.Select(one => one.Data).OfType<AddressData>().Select(data => data.Address).ToList();
        var text = found.Count > 0 ? string.Join(", ", found) : Nothing(answer);
        if (found.Count == 0)
        {
            return Missing(record, CheckState.Bad, text);
        }

        if (record.Address is null)
        {
            return new RecordFinding(record, CheckState.Ok, text, "This machine has no public address of its own, so it cannot tell whether that leads here: give it with --address.");
        }

        var strange = found.Where(address => !addresses.Contains(address)).ToList();
        return !found.Contains(record.Address) ? new RecordFinding(record, CheckState.Bad, text, $"Publish: {record.ZoneLine}")
            : strange.Count > 0 ? new RecordFinding(record, CheckState.Warn, text, $"{string.Join(", ", strange)} is not this machine: mail that goes there does not come here.")
            : new RecordFinding(record, CheckState.Ok, text, null);
    }

    private RecordFinding CheckMx(PublishedRecord record, DnsAnswer answer)
    {
        var found = answer.Records.Select(one => one.Data).OfType<MxData>().OrderBy(data => data.Preference).ToList();
        var text = found.Count > 0 ? string.Join(", ", found.Select(data => $"{data.Preference} {data.Exchange}")) : Nothing(answer);
        if (found.Count == 0)
        {
            return Missing(record, CheckState.Bad, text);
        }

        var own = found.Find(data => DnsName.TryParse(hostName, out var host) && data.Exchange.Equals(host));
        return own is null ? new RecordFinding(record, CheckState.Bad, text, $"Mail of {record.Domain} goes elsewhere. Publish: {record.ZoneLine}")
            : own.Preference > found[0].Preference ? new RecordFinding(record, CheckState.Warn, text, $"{found[0].Exchange} is tried first. If that is not wanted: {record.ZoneLine}")
            : new RecordFinding(record, CheckState.Ok, text, null);
    }

    private async Task<RecordFinding> CheckSpfAsync(PublishedRecord record, DnsAnswer answer, CancellationToken ct)
    {
        var found = Texts(answer, text => text.Equals("v=spf1", StringComparison.OrdinalIgnoreCase) || text.StartsWith("v=spf1 ", StringComparison.OrdinalIgnoreCase));
        if (found is not [var only])
        {
            return found.Count == 0
                ? Missing(record, CheckState.Bad, Nothing(answer))
                : new RecordFinding(record, CheckState.Bad, $"{found.Count} SPF records", "More than one counts as none (RFC 7208, 4.5): keep one.");
        }

        if (only.Split(' ').Any(term => term.ToLowerInvariant() is "all" or "+all"))
        {
            return new RecordFinding(record, CheckState.Bad, Shown(only), $"It lets anybody send as {record.Domain}. Publish: {record.ZoneLine}");
        }

        var policy = new AuthenticationPolicy { PublicSuffixes = PublicSuffixList.BuiltIn, ReceiverName = hostName };
        foreach (var address in addresses)
        {
            var facts = new SmtpEnvelopeFacts(address, hostName, $"postmaster@{record.Domain}");
            var result = await new SpfVerifier(dns, policy, clock).VerifyAsync(facts, ct);
            if (result.Verdict is not SpfVerdict.Pass)
            {
                return new RecordFinding(
                    record, CheckState.Bad, Shown(only), $"For this machine's {address} it says {result.Verdict.ToString().ToLowerInvariant()} ({Shown(result.Reason)}). Publish: {record.ZoneLine}");
            }
        }

        return new RecordFinding(record, CheckState.Ok, Shown(only), null);
    }

    private static RecordFinding CheckDkim(PublishedRecord record, DnsAnswer answer)
    {
        var own = DkimKey.TryRead(Encoding.UTF8.GetBytes(record.Value), out var broken);
        if (own is null)
        {
            return new RecordFinding(record, CheckState.Bad, $"the key's own file: {broken}", "Make the key anew.");
        }

        var texts = answer.Records.Select(one => one.Data).OfType<TxtData>().Select(data => data.Joined()).ToList();
        if (texts is not [var only])
        {
            return texts.Count == 0
                ? Missing(record, CheckState.Bad, Nothing(answer))
                : new RecordFinding(record, CheckState.Bad, $"{texts.Count} records", "Which of them counts is up to the reader (RFC 6376, 3.6.2.2): keep one.");
        }

        var published = DkimKey.TryRead(only, out var why);
        return published is null ? new RecordFinding(record, CheckState.Bad, why, $"Publish: {record.ZoneLine}")
            : published.Type != own.Type || !published.Octets.AsSpan().SequenceEqual(own.Octets)
                ? new RecordFinding(record, CheckState.Bad, "another key than the one that signs here", $"No signature verifies. Publish: {record.ZoneLine}")
            : published.IsTesting ? new RecordFinding(record, CheckState.Warn, "this key, with t=y: receivers may ignore it", $"When all is well, publish: {record.ZoneLine}")
            : new RecordFinding(record, CheckState.Ok, "this key", null);
    }

    private static RecordFinding CheckDmarc(PublishedRecord record, DnsAnswer answer)
    {
        var found = Texts(answer, text => text.StartsWith("v=DMARC1", StringComparison.Ordinal));
        if (found is not [var only])
        {
            return found.Count == 0
                ? Missing(record, CheckState.Warn, Nothing(answer))
                : new RecordFinding(record, CheckState.Bad, $"{found.Count} DMARC records", "More than one counts as none (RFC 7489, 6.6.3): keep one.");
        }

        return DmarcRecord.TryRead(Encoding.Latin1.GetBytes(only)) switch
        {
            null => new RecordFinding(record, CheckState.Bad, Shown(only), $"It cannot be read. Publish: {record.ZoneLine}"),
            { Policy: DmarcPolicy.None } => new RecordFinding(record, CheckState.Warn, Shown(only), "p=none asks nobody to act. When the reports show only your own servers, ask for quarantine or reject."),
            _ => new RecordFinding(record, CheckState.Ok, Shown(only), null),
        };
    }

    /// <summary>A record without a policy file behind it makes senders that look for it wait, and then ignore it.</summary>
    private async Task<RecordFinding> CheckStsAsync(PublishedRecord record, DnsAnswer answer, CancellationToken ct)
    {
        var found = Texts(answer, text => text.StartsWith("v=STSv1", StringComparison.Ordinal));
        if (found is not [var only])
        {
            return found.Count == 0
                ? new RecordFinding(
                    record, CheckState.Warn, Nothing(answer), $"Without it somebody on the way can strip TLS. Serve the policy at https://mta-sts.{record.Domain}/.well-known/mta-sts.txt, then publish: {record.ZoneLine}")
                : new RecordFinding(record, CheckState.Bad, $"{found.Count} records", "More than one counts as none (RFC 8461, 3.1): keep one.");
        }

        var host = $"mta-sts.{record.Domain}";
        if (DnsName.TryParse(host, out var name) && !await HasAddressAsync(name, ct))
        {
            return new RecordFinding(record, CheckState.Bad, Shown(only), $"{host} has no address, so nobody can fetch the policy. Publish one and serve https://{host}/.well-known/mta-sts.txt");
        }

        return new RecordFinding(record, CheckState.Ok, Shown(only), null);
    }

    private static RecordFinding CheckReporting(PublishedRecord record, DnsAnswer answer)
    {
        var found = Texts(answer, text => text.StartsWith("v=TLSRPTv1", StringComparison.Ordinal));
        return found switch
        {
            [var only] when only.Contains("rua=", StringComparison.Ordinal) => new RecordFinding(record, CheckState.Ok, Shown(only), null),
            [] => new RecordFinding(record, CheckState.Warn, Nothing(answer), $"Without it nobody tells you that TLS to you fails. Publish: {record.ZoneLine}"),
            _ => new RecordFinding(record, CheckState.Bad, Shown(string.Join(" | ", found)), $"Exactly one with rua= counts (RFC 8460, 3). Publish: {record.ZoneLine}"),
        };
    }

    private async Task<bool> HasAddressAsync(DnsName name, CancellationToken ct) =>
        (await dns.QueryAsync(name, DnsType.A, ct)).Status is not (DnsStatus.NoData or DnsStatus.NxDomain)
        || (await dns.QueryAsync(name, DnsType.Aaaa, ct)).Status is not (DnsStatus.NoData or DnsStatus.NxDomain);

    private static RecordFinding Missing(PublishedRecord record, CheckState state, string found) => new(record, state, found, $"Publish: {record.ZoneLine}");

    private static string Nothing(DnsAnswer answer) => answer.Reason ?? "none of this kind";

    private static List<string> Texts(DnsAnswer answer, Func<string, bool> isMeant) =>
        [.. answer.Records.Select(one => one.Data).OfType<TxtData>().Select(data => Encoding.Latin1.GetString(data.Joined())).Where(isMeant)];

    private static string Shown(string text) => text.Length > LongestShown ? text[..LongestShown] + "…" : text;
}
