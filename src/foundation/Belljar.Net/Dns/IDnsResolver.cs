using Belljar.Protocols.Dns;

namespace Belljar.Net.Dns;

/// <summary>Asks the domain name system for records. A seam: tests answer from zone data.</summary>
public interface IDnsResolver
{
    /// <summary>Never throws for what a server says or does not say; only for cancellation.</summary>
    ValueTask<DnsAnswer> QueryAsync(DnsName name, DnsType type, CancellationToken ct);
}

public enum DnsStatus
{
    /// <summary>There is at least one record of the type.</summary>
    Found,

    /// <summary>The name exists, without records of the type.</summary>
    NoData,

    /// <summary>The name does not exist.</summary>
    NxDomain,

    /// <summary>Nobody knows: no answer, a broken one, SERVFAIL, a loop of aliases. It may be different later.</summary>
    TemporaryFailure,
}

/// <param name="Records">Of the type that was asked for, aliases followed; empty unless <see cref="DnsStatus.Found"/>.</param>
/// <param name="IsAuthentic">The resolver's AD bit on every step, from a resolver that is trusted to set it.</param>
/// <param name="Reason">Why there is none, in a few words for people; null where there is one.</param>
public sealed record DnsAnswer(DnsStatus Status, IReadOnlyList<DnsRecord> Records, bool IsAuthentic = false, string? Reason = null)
{
    public static DnsAnswer Of(IReadOnlyList<DnsRecord> records, bool isAuthentic = false) => new(DnsStatus.Found, records, isAuthentic);

    public static DnsAnswer NoData(bool isAuthentic = false) => new(DnsStatus.NoData, [], isAuthentic, "no record of this type");

    public static DnsAnswer NxDomain(bool isAuthentic = false) => new(DnsStatus.NxDomain, [], isAuthentic, "the name does not exist");

    public static DnsAnswer Failure(string reason) => new(DnsStatus.TemporaryFailure, [], Reason: reason);
}
