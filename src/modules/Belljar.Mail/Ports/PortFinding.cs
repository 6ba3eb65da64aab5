using System.Net;
using Belljar.Hosting.Doctor;

namespace Belljar.Mail.Ports;

/// <summary>A port that mail programs expect something at.</summary>
/// <param name="IsTls">TLS from the first byte (RFC 8314), instead of STARTTLS.</param>
public sealed record MailPort(int Port, string Purpose, bool IsTls)
{
    public static readonly IReadOnlyList<MailPort> All =
    [
        new(25, "mail from other servers", false),
        new(587, "submission", false),
        new(465, "submission over TLS", true),
    ];
}

/// <param name="Address">Where it was tried.</param>
/// <param name="What">What answered, or that nothing did.</param>
/// <param name="Remedy">Null where nothing needs doing.</param>
public sealed record PortFinding(IPEndPoint Address, string Purpose, CheckState State, string What, string? Remedy);
