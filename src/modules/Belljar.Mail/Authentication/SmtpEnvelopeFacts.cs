using System.Net;

namespace Belljar.Mail.Authentication;

/// <summary>What SMTP told about a message, apart from the message.</summary>
/// <param name="ClientAddress">The peer's.</param>
/// <param name="Helo">As the peer gave it.</param>
/// <param name="MailFrom">Without angle brackets; empty for the null sender.</param>
public sealed record SmtpEnvelopeFacts(IPAddress ClientAddress, string Helo, string MailFrom)
{
    /// <summary>The peer is a program on this machine: no domain's SPF record can name its address.</summary>
    public bool IsOwnMachine { get; init; }
}
