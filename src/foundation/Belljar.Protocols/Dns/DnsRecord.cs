using System.Net;

namespace Belljar.Protocols.Dns;

/// <summary>A resource record of class IN (RFC 1035, 3.2).</summary>
/// <param name="TimeToLive">Seconds; one above 2^31-1 has been read as 0 (RFC 2181, 8).</param>
public sealed record DnsRecord(DnsName Name, DnsType Type, uint TimeToLive, DnsData Data);

/// <summary>What a record holds.</summary>
public abstract record DnsData
{
    private protected DnsData()
    {
    }
}

/// <summary>A and AAAA.</summary>
public sealed record AddressData(IPAddress Address) : DnsData;

/// <summary>CNAME, NS and PTR.</summary>
public sealed record NameData(DnsName Target) : DnsData;

public sealed record MxData(ushort Preference, DnsName Exchange) : DnsData;

/// <param name="Strings">Each of 255 octets at most.</param>
public sealed record TxtData(IReadOnlyList<byte[]> Strings) : DnsData
{
    /// <summary>All strings joined without anything between them (RFC 7208, 3.3; RFC 6376, 3.6.2.2).</summary>
    public byte[] Joined() => Strings is [var only] ? only : [.. Strings.SelectMany(part => part)];
}

/// <param name="Minimum">How long a negative answer holds, in seconds, beside the record's own time (RFC 2308, 5).</param>
public sealed record SoaData(DnsName Server, DnsName Mailbox, uint Serial, uint Refresh, uint Retry, uint Expire, uint Minimum) : DnsData;

public sealed record SrvData(ushort Priority, ushort Weight, ushort Port, DnsName Target) : DnsData;

/// <summary>TLSA and every type that is not read here: the octets as they came.</summary>
public sealed record RawData(byte[] Octets) : DnsData;
