using System.Net;
using System.Net.Sockets;

namespace Belljar.Net;

/// <summary>
/// The system's resolver (<c>getaddrinfo</c>: hosts file, then DNS). <c>localhost</c> and all names below it are loopback
/// without asking anybody (RFC 6761 §6.3): a resolver that says otherwise is wrong or hostile.
/// </summary>
public sealed class SystemNameResolver : INameResolver
{
    private const int MostAddresses = 32;

    public async ValueTask<Resolution> ResolveAsync(string name, CancellationToken ct)
    {
        if (IsLocalhost(name))
        {
            return new Resolution([IPAddress.Loopback, IPAddress.IPv6Loopback], null);
        }

        try
        {
            var addresses = await System.Net.Dns.GetHostAddressesAsync(name, ct);
            return addresses is []
                ? new Resolution([], "the name has no address")
                : new Resolution(addresses[..Math.Min(addresses.Length, MostAddresses)], null);
        }
        catch (SocketException error)
        {
            return new Resolution([], error.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData
                ? "the name does not exist"
                : "the name could not be resolved");
        }
        catch (ArgumentException)
        {
            return new Resolution([], "the name is not one that can be resolved");
        }
    }

    public static bool IsLocalhost(string name) => name is "localhost" || name.EndsWith(".localhost", StringComparison.Ordinal);
}
