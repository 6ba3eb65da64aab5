using System.Net;
using System.Text;
using Belljar.Egress.Scanning;
using Belljar.Egress.Secrets;
using Belljar.Manifest;
using Belljar.Net;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Policy;

/// <summary>One route, ready to be asked; what holds for a host that no route names is one too.</summary>
internal sealed class RoutePolicy
{
    private readonly List<PathPrefix> _paths = [];
    private readonly byte[]? _ownField;

    /// <exception cref="ArgumentException">The route was not read by <see cref="EgressSection"/>: it is malformed.</exception>
    /// <param name="vault">Where the route's credential is; it must be there.</param>
    public RoutePolicy(EgressRoute route, CredentialVault vault)
    {
        Route = route;
        Name = route.Host;
        Credential = route.Auth is { } auth ? vault.Find(auth.Value.Name) : null;
        Echoes = Credential is null ? null : vault.Echoes;
        Scanner = route.Scan is RouteScan.Off ? null : vault.Scanner;
        _ownField = route.Auth?.Header is { } header ? Encoding.ASCII.GetBytes(header) : null;
        foreach (var path in route.PathAllowlist)
        {
            _paths.Add(PathPrefix.TryParse(path, out var prefix) ? prefix : throw Malformed(path));
        }

        Networks = [.. route.SsrfIpAllowlist.Select(text => Address.Network.TryParse(text, out var network) ? network : throw Malformed(text)), .. Named(route.Host)];
        if (route.Tls is RouteTls.Passthrough && (Route.Methods.Count > 0 || _paths.Count > 0 || route.Auth is not null))
        {
            throw Malformed("tls: passthrough");
        }
    }

    /// <summary>For a host without a route: no rules, no networks, inspected.</summary>
    public static RoutePolicy Unnamed(CredentialVault vault) => new(EgressRoute.To(""), vault);

    /// <summary>For a door: the place is all that can be judged.</summary>
    public static RoutePolicy Of(EgressForward forward, CredentialVault vault) => new(
        EgressRoute.To(forward.Host) with
        {
            Ports = [forward.Port],
            SsrfIpAllowlist = forward.SsrfIpAllowlist,
            Budget = forward.Budget,
            Tls = RouteTls.Passthrough,
        },
        vault)
    {
        Name = $"forward:{forward.Listen}",
    };

    public EgressRoute Route { get; }

    /// <summary>What its budget is kept under.</summary>
    public string Name { get; private init; }

    public bool IsWildcard => Route.Host.StartsWith("*.", StringComparison.Ordinal);

    public RouteAuth? Auth => Route.Auth;

    /// <summary>What is added to every request; null: nothing.</summary>
    public Credential? Credential { get; }

    /// <summary>Looks at what the agent sends; null when nobody does.</summary>
    public IContentScanner? Scanner { get; }

    /// <summary>What a host must not say back, where it gets a credential.</summary>
    public ValueAutomaton? Echoes { get; }

    public bool IsInspected => Route.Tls is RouteTls.Inspect;

    /// <summary>The networks that are allowed although they are not public.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; }

    public bool AllowsPort(int port) => Route.Ports.Count == 0 ? port is 80 or 443 : Route.Ports.Contains(port);

    public bool AllowsMethod(string method) => Route.Methods.Count == 0 || Route.Methods.Contains(method);

    public bool AllowsPath(RequestPath path) => _paths.Count == 0 || _paths.Exists(prefix => prefix.Allows(path));

    /// <summary>Whether a field of the agent's is taken out: it carries a credential, or the gate writes it itself.</summary>
    public bool Strips(ReadOnlySpan<byte> field)
        => (_ownField is not null && Ascii.EqualsIgnoreCase(field, _ownField))
            || (!Route.AgentAuth && CredentialFields.Contain(field))
            || (Auth is { Scheme: not AuthScheme.Query, Header: null } && Ascii.EqualsIgnoreCase(field, "authorization"u8));

    /// <summary>Not in the clear, unless the operator has named the very port.</summary>
    public bool MayCarryCredential(Gate.Destination to) => to.IsSecure || Route.Ports.Contains(to.Port);

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
