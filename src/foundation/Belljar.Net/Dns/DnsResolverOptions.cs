using System.Net;

namespace Belljar.Net.Dns;

public sealed record DnsResolverOptions
{
    /// <summary>Recursive resolvers, asked in order. Empty: nothing can be resolved.</summary>
    public required IReadOnlyList<IPEndPoint> Servers { get; init; }

    /// <summary>How long one server may take for one try.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often all servers are tried.</summary>
    public int Rounds { get; init; } = 2;

    /// <summary>Names and types that are remembered; the least recently stored go first.</summary>
    public int MostCached { get; init; } = 10_000;

    /// <summary>Answers that are remembered no longer than this, whatever their time to live says.</summary>
    public TimeSpan LongestCached { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a negative answer without an SOA is remembered (RFC 2308 leaves it to us).</summary>
    public TimeSpan NegativeCached { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the AD bit counts. By default only that of a resolver on this machine: on any other path it can be forged.</summary>
    public bool TrustAuthenticBit { get; init; }

    /// <summary>The <c>nameserver</c> lines of a resolv.conf(5), three at most; the local one where there is none.</summary>
    public static DnsResolverOptions FromResolvConf(string path = "/etc/resolv.conf")
    {
        var servers = File.Exists(path) ? ReadServers(File.ReadLines(path)) : [];
        servers = servers is [] ? [new IPEndPoint(IPAddress.Loopback, 53)] : servers;
        return new DnsResolverOptions { Servers = servers, TrustAuthenticBit = servers.All(server => IPAddress.IsLoopback(server.Address)) };
    }

    internal static List<IPEndPoint> ReadServers(IEnumerable<string> lines) =>
    [
        .. lines
            .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is ["nameserver", _, ..])
            .Select(words => IPAddress.TryParse(words[1], out var address) ? address : null)
            .OfType<IPAddress>()
            .Take(3)
            .Select(address => new IPEndPoint(address, 53)),
    ];
}
