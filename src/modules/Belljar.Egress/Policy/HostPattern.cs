using System.Text;
using Belljar.Net;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Policy;

/// <summary>What a route's host may look like: a name, <c>*.suffix</c>, an IP address.</summary>
internal static class HostPattern
{
    public static bool IsValid(string text)
    {
        var host = Normalize(text);
        var isWildcard = host.StartsWith("*.", StringComparison.Ordinal);
        var name = isWildcard ? host[2..] : host;
        var spelling = HostSpelling.Of(name);
        return spelling.Kind switch
        {
            HostKind.Address => !isWildcard,
            HostKind.Name => Authority.TryParse(Encoding.Latin1.GetBytes(name), out var authority) && authority.Host == name && name.All(char.IsAscii),
            _ => false,
        };
    }

    /// <summary>Lower case, and an IPv6 address as the system writes it, without brackets.</summary>
    public static string Normalize(string text)
    {
        var host = text.ToLowerInvariant();
        host = host is ['[', .., ']'] ? host[1..^1] : host;
        return HostSpelling.Of(host) is { Kind: HostKind.Address, Address: { } address } ? address.ToString() : host;
    }
}
