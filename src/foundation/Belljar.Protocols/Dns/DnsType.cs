namespace Belljar.Protocols.Dns;

/// <summary>Types of records that are read and written (RFC 1035, 3.2.2, and later); any other number is carried raw.</summary>
public enum DnsType : ushort
{
    A = 1,
    NS = 2,
    CName = 5,
    Soa = 6,
    Ptr = 12,
    MX = 15,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,

    /// <summary>EDNS(0) (RFC 6891): not a record but a property of the message.</summary>
    Opt = 41,
    Tlsa = 52,
}

/// <summary>What a server says of a query (RFC 1035, 4.1.1).</summary>
public enum DnsResponseCode : byte
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NameError = 3,
    NotImplemented = 4,
    Refused = 5,
}
