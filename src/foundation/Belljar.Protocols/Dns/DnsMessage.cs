namespace Belljar.Protocols.Dns;

/// <summary>A question of class IN (RFC 1035, 4.1.2).</summary>
public sealed record DnsQuestion(DnsName Name, DnsType Type);

/// <summary>EDNS(0) (RFC 6891, 6.1.3).</summary>
/// <param name="PayloadSize">Octets of UDP that the sender can take.</param>
/// <param name="DnssecOk">The DO bit (RFC 3225).</param>
public sealed record DnsEdns(ushort PayloadSize, bool DnssecOk = false);

/// <summary>
/// A message of the domain name system (RFC 1035, 4; RFC 6891). Records of classes other than IN are left out. Reading never
/// throws; <see cref="DnsMessageReader"/> says what it bounds.
/// </summary>
public sealed record DnsMessage
{
    public required ushort Id { get; init; }

    public bool IsResponse { get; init; }

    /// <summary>0 is a plain query.</summary>
    public byte Opcode { get; init; }

    public bool IsAuthoritative { get; init; }

    /// <summary>The TC bit: ask again over TCP.</summary>
    public bool IsTruncated { get; init; }

    public bool RecursionDesired { get; init; }

    public bool RecursionAvailable { get; init; }

    /// <summary>The AD bit (RFC 4035): the resolver checked DNSSEC. Worth what the path to the resolver is worth.</summary>
    public bool IsAuthentic { get; init; }

    public DnsResponseCode ResponseCode { get; init; }

    public IReadOnlyList<DnsQuestion> Questions { get; init; } = [];

    public IReadOnlyList<DnsRecord> Answers { get; init; } = [];

    public IReadOnlyList<DnsRecord> Authorities { get; init; } = [];

    public IReadOnlyList<DnsRecord> Additionals { get; init; } = [];

    /// <summary>Null where the message has no OPT record.</summary>
    public DnsEdns? Edns { get; init; }

    /// <summary>A recursive query for one name and type that asks for the AD bit (RFC 6840, 5.7).</summary>
    public static DnsMessage Query(ushort id, DnsName name, DnsType type, ushort payloadSize) => new()
    {
        Id = id,
        RecursionDesired = true,
        IsAuthentic = true,
        Questions = [new DnsQuestion(name, type)],
        Edns = new DnsEdns(payloadSize),
    };

    public static bool TryRead(ReadOnlySpan<byte> bytes, out DnsMessage? message) => new DnsMessageReader(bytes).TryRead(out message);

    public byte[] ToBytes() => DnsMessageWriter.Write(this);
}
