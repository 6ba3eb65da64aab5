using System.Net;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Records;

/// <summary>What a record is for.</summary>
public enum RecordPurpose
{
    /// <summary>A or AAAA of the host that receives.</summary>
    Address,
    Mx,
    Spf,
    Dkim,
    Dmarc,
    MtaSts,
    TlsReporting,
}

/// <summary>A record that a domain should have.</summary>
/// <param name="Domain">The mail domain that it serves.</param>
/// <param name="Value">As in a zone file; of TXT the text itself.</param>
/// <param name="Address">What it names, where it is an address that is known.</param>
public sealed record PublishedRecord(string Domain, RecordPurpose Purpose, string Name, DnsType Type, string Value, IPAddress? Address = null)
{
    /// <summary><c>A</c>, <c>AAAA</c>, <c>MX</c>, <c>TXT</c>.</summary>
    public string TypeName => Type.ToString().ToUpperInvariant();

    /// <summary>A line for a zone file. A string in it holds 255 octets (RFC 1035, 3.3.14).</summary>
    public string ZoneLine => $"{Name}. {TypeName} {(Type is DnsType.Txt ? Quoted(Value) : Value)}";

    private static string Quoted(string text) =>
        string.Join(' ', text.Chunk(255).Select(part => $"\"{new string(part).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));
}
