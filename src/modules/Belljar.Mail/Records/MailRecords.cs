using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Belljar.Mail.Signing;
using Belljar.Mail.Storage;
using Belljar.Mime.Headers;
using Belljar.Net;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Records;

/// <summary>What the configured domains should publish, so that mail comes here and is believed when it leaves.</summary>
public static class MailRecords
{
    /// <summary>Names that the public domain name system does not serve (RFC 6761, RFC 8375).</summary>
    private static readonly string[] LocalEndings = ["localhost", "local", "test", "example", "invalid", "internal", "lan", "home.arpa"];

    /// <param name="addresses">The public addresses of this machine; none where they are not known.</param>
    /// <param name="mailData">Where signing keys may lie.</param>
    public static IReadOnlyList<PublishedRecord> Of(MailOptions options, IReadOnlyList<IPAddress> addresses, string mailData)
    {
        var keys = new MailLayout(mailData).SigningKeys;
        return [.. options.Domains.Where(domain => !IsLocal(domain)).SelectMany(domain => Of(Ascii(domain), Ascii(options.HostName), addresses, DkimRecords.Read(keys, Ascii(domain))))];
    }

    /// <summary>Whether no name server of the world can have it.</summary>
    public static bool IsLocal(string domain) =>
        !domain.Contains('.', StringComparison.Ordinal)
        || LocalEndings.Any(ending => domain.EndsWith($".{ending}", StringComparison.OrdinalIgnoreCase));

    /// <summary>Those of this machine that the world can reach: behind NAT there is none.</summary>
    public static IReadOnlyList<IPAddress> PublicAddresses()
    {
        var judge = new AddressJudge(new NoAddresses());
        return
        [
            .. NetworkInterface.GetAllNetworkInterfaces()
                .Where(each => each.OperationalStatus is OperationalStatus.Up)
                .SelectMany(each => each.GetIPProperties().UnicastAddresses)
                .Select(each => each.Address)
                .Where(address => judge.Classify(address) is AddressClass.Public)
                .Distinct(),
        ];
    }

    /// <summary>The policy file that MTA-STS names (RFC 8461, 3.2).</summary>
    public static string StsPolicy(string hostName) => $"version: STSv1\r\nmode: enforce\r\nmx: {Ascii(hostName)}\r\nmax_age: 604800\r\n";

    private static IEnumerable<PublishedRecord> Of(string domain, string host, IReadOnlyList<IPAddress> addresses, IReadOnlyList<DkimRecord> keys)
    {
        foreach (var address in addresses)
        {
            var type = address.AddressFamily is AddressFamily.InterNetworkV6 ? DnsType.Aaaa : DnsType.A;
            yield return new PublishedRecord(domain, RecordPurpose.Address, host, type, address.ToString(), address);
        }

        if (addresses.Count == 0)
        {
            yield return new PublishedRecord(domain, RecordPurpose.Address, host, DnsType.A, "<the public address of this machine>");
        }

        yield return new PublishedRecord(domain, RecordPurpose.Mx, domain, DnsType.MX, $"10 {host}.");
        yield return new PublishedRecord(domain, RecordPurpose.Spf, domain, DnsType.Txt, "v=spf1 mx -all");
        foreach (var key in keys)
        {
            yield return new PublishedRecord(domain, RecordPurpose.Dkim, key.Name, DnsType.Txt, key.Text);
        }

        yield return new PublishedRecord(domain, RecordPurpose.Dmarc, $"_dmarc.{domain}", DnsType.Txt, $"v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}");
        yield return new PublishedRecord(domain, RecordPurpose.MtaSts, $"_mta-sts.{domain}", DnsType.Txt, $"v=STSv1; id={PolicyId(host)}");
        yield return new PublishedRecord(domain, RecordPurpose.TlsReporting, $"_smtp._tls.{domain}", DnsType.Txt, $"v=TLSRPTv1; rua=mailto:postmaster@{domain}");
    }

    /// <summary>Changes when the policy does, and only then: senders fetch it again for a new one (RFC 8461, 3.1).</summary>
    private static string PolicyId(string host) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(StsPolicy(host))).AsSpan(0, 8));

    private static string Ascii(string domain) => new MailAddress(null, $"x@{domain}").AsciiDomain.ToLowerInvariant();

    private sealed class NoAddresses : IOwnAddresses
    {
        public bool Contains(IPAddress address) => false;
    }
}
