using System.Buffers;
using System.Text;

namespace Belljar.Protocols.Smtp;

/// <summary>A Mailbox of RFC 5321 §4.1.2: what stood between the angle brackets, without a source route.</summary>
/// <param name="LocalPart">Without quotes and backslashes; at most 64 octets of UTF-8.</param>
/// <param name="Domain">
/// As it was written: a domain, an address literal in brackets, or empty for <c>&lt;Postmaster&gt;</c>, which needs none.
/// </param>
public sealed record SmtpAddress(string LocalPart, string Domain)
{
    private static readonly SearchValues<char> Specials = SearchValues.Create(" \"(),:;<>@[\\]");

    public bool IsAddressLiteral => Domain.StartsWith('[');

    public bool IsAscii => Ascii.IsValid(LocalPart) && Ascii.IsValid(Domain);

    /// <summary>As RFC 5321 writes it, the local part quoted where it must be.</summary>
    public override string ToString() => Domain.Length == 0 ? Quoted() : $"{Quoted()}@{Domain}";

    private string Quoted()
    {
        var plain = LocalPart.Length > 0
            && !LocalPart.AsSpan().ContainsAny(Specials)
            && LocalPart[0] != '.'
            && LocalPart[^1] != '.'
            && !LocalPart.Contains("..", StringComparison.Ordinal);
        return plain ? LocalPart : $"\"{LocalPart.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }
}
