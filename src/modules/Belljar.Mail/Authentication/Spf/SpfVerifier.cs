using System.Net;
using Belljar.Mime.Headers;
using Belljar.Net.Dns;

namespace Belljar.Mail.Authentication.Spf;

/// <summary>SPF (RFC 7208) of one connection and sender.</summary>
internal sealed class SpfVerifier(IDnsResolver dns, AuthenticationPolicy policy, TimeProvider clock)
{
    public async Task<SpfResult> VerifyAsync(SmtpEnvelopeFacts facts, CancellationToken ct)
    {
        var client = facts.ClientAddress.IsIPv4MappedToIPv6 ? facts.ClientAddress.MapToIPv4() : facts.ClientAddress;

        // 2.4: for the null sender the identity is postmaster at the name of HELO; 4.3: so is an empty local part's.
        var isHelo = facts.MailFrom.Length == 0;
        var address = new MailAddress(null, isHelo ? $"postmaster@{facts.Helo}" : facts.MailFrom);
        var domain = isHelo ? facts.Helo : address.AsciiDomain;
        var localPart = address.LocalPart is { Length: > 0 } local && !isHelo ? local : "postmaster";
        var values = new SpfMacroValues(Unscoped(client), localPart, domain, domain, facts.Helo, policy.ReceiverName, "unknown", clock.GetUtcNow());
        return await new SpfCheck(dns, policy, values).RunAsync(domain, isHelo, ct);
    }

    /// <summary>A link-local peer's scope is ours and stands in no record.</summary>
    private static IPAddress Unscoped(IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes()) : address;
}
