using System.Net;
using Belljar.Protocols.SmtpClient;

namespace Belljar.Mail.Delivering;

/// <summary>One address of one server, and how it is to be spoken with.</summary>
/// <param name="Host">Its name, for TLS and for reports.</param>
/// <param name="IsImplicitTls">TLS from the first byte.</param>
/// <param name="IsVerified">The certificate must be <paramref name="Host"/>'s; without, any will do (RFC 7435).</param>
internal sealed record SmtpTarget(string Host, IPEndPoint Address, SmtpTlsPolicy Tls, bool IsImplicitTls, bool IsVerified, SmtpCredentials? Login);
