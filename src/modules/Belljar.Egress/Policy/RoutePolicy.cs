using System.Net;
using Belljar.Manifest;
using Belljar.Net;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Policy;

/// <summary>One route, ready to be asked; what holds for a host that no route names is one too.</summary>
internal sealed class RoutePolicy
{
    private readonly List<PathPrefix> _paths = [];

    /// <exception cref="ArgumentException">The route was not read by <see cref="EgressSection"/>: it is malformed.</exception>
    public RoutePolicy(EgressRoute route)
    {
        Route = route;
        foreach (var path in route.PathAllowlist)
        {
            _paths.Add(PathPrefix.TryParse(path, out var prefix) ? prefix : throw Malformed(path));
        }

        Networks = [.. route.SsrfIpAllowlist.Select(text => Address.Network.TryParse(text, out var network) ? network : throw Malformed(text)), .. Named(route.Host)];
        if (route.Tls is RouteTls.Passthrough && HasHttpRules)
        {
            throw Malformed("tls: passthrough");
        }
    }

    /// <summary>For a host without a route: no rules, no networks, inspected.</summary>
    public static RoutePolicy Unnamed() => new(EgressRoute.To(""));

    public EgressRoute Route { get; }

    public bool IsWildcard => Route.Host.StartsWith("*.", StringComparison.Ordinal);

    /// <summary>Rules that only somebody who reads the requests can keep.</summary>
    public bool HasHttpRules => Route.Methods.Count > 0 || _paths.Count > 0;

    public bool IsInspected => Route.Tls is RouteTls.Inspect;

    /// <summary>The networks that are allowed although they are not public.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; }

    public bool AllowsPort(int port) => Route.Ports.Count == 0 ? port is 80 or 443 : Route.Ports.Contains(port);

    public bool AllowsMethod(string method) => Route.Methods.Count == 0 || Route.Methods.Contains(method);

    public bool AllowsPath(RequestPath path) => _paths.Count == 0 || _paths.Exists(prefix => prefix.Allows(path));

    /// <summary>Who writes an address, or <c>localhost</c>, names that address; a wildcard names nothing.</summary>
    private static IEnumerable<IPNetwork> Named(string host)
    {
        if (HostSpelling.Of(host) is { Kind: HostKind.Address, Address: { } address })
        {
            address = AddressJudge.Normalize(address);
            return [new IPNetwork(address, address.GetAddressBytes().Length * 8)];
        }

        return SystemNameResolver.IsLocalhost(host) && !host.StartsWith('*')
            ? [new IPNetwork(IPAddress.Loopback, 32), new IPNetwork(IPAddress.IPv6Loopback, 128)]
            : [];
    }

    private static ArgumentException Malformed(string what) => new($"'{what}' was not checked before.", nameof(what));
}
