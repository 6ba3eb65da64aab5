using System.Collections.Frozen;
using System.Net;
using Belljar.Contracts;
using Belljar.Manifest;
using Belljar.Net;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Policy;

/// <summary>What is asked for, as far as a route can judge it.</summary>
/// <param name="Path">Null for a tunnel: nobody sees it.</param>
internal readonly record struct Crossing(string Host, int Port, string Method, RequestPath? Path)
{
    public bool IsTunnel => Path is null;
}

/// <summary>The routes of a bottle, frozen and ready to be asked. Immutable; a change is a new table.</summary>
internal sealed class RouteTable
{
    /// <summary>SSH has a gate of its own, with the operator's key behind it.</summary>
    public const int NeverPort = 22;

    private static readonly IReadOnlyList<IPNetwork> None = [];

    private readonly FrozenDictionary<string, Entry> _exact;
    private readonly FrozenDictionary<string, Entry> _suffixes;

    /// <exception cref="ArgumentException">The options were not read by <see cref="EgressSection"/>: a route is malformed.</exception>
    public RouteTable(EgressOptions options)
    {
        Options = options;
        var entries = options.Routes.Select(route => new Entry(route)).ToList();
        _exact = entries.Where(entry => !entry.IsWildcard).ToFrozenDictionary(entry => entry.Route.Host);
        _suffixes = entries.Where(entry => entry.IsWildcard).ToFrozenDictionary(entry => entry.Route.Host[2..]);
    }

    public EgressOptions Options { get; }

    /// <summary>The networks that are allowed although they are not public; none for a host without a route.</summary>
    public IReadOnlyList<IPNetwork> AllowedNetworks(string host) => Find(host)?.Networks ?? None;

    /// <summary>Judges all but the address. Odd spellings and port 22 are denied in every mode.</summary>
    public Decision Decide(in Crossing crossing)
    {
        var spelling = HostSpelling.Of(crossing.Host);
        if (spelling.Kind is HostKind.Odd)
        {
            return Decision.Deny("host-spelling", spelling.Address is { } meant
                ? $"the host is an unusual spelling of the address {meant}"
                : "the host is not a name or address in its usual spelling");
        }

        if (crossing.Port == NeverPort)
        {
            return Decision.Deny("port-22", "SSH does not go through the egress gate");
        }

        var decision = ByRoute(crossing);
        return decision.IsAllowed || Options.Mode is EgressMode.Enforce
            ? decision
            : Decision.Allow($"audit:{decision.Rule}", $"would be denied: {decision.Reason}");
    }

    private Decision ByRoute(in Crossing crossing)
    {
        if (Find(crossing.Host) is not { } entry)
        {
            return Decision.Deny("default-deny", "no route allows this host");
        }

        var rule = $"route:{entry.Route.Host}";
        if (!entry.AllowsPort(crossing.Port))
        {
            return Decision.Deny(rule, $"the route does not allow port {crossing.Port}");
        }

        if (crossing.IsTunnel)
        {
            return entry.HasHttpRules
                ? Decision.Deny(rule, "the route limits methods or paths, which a tunnel would hide")
                : Decision.Allow(rule);
        }

        if (entry.Route.Methods.Count > 0 && !entry.Route.Methods.Contains(crossing.Method))
        {
            return Decision.Deny(rule, "the route does not allow this method");
        }

        return entry.AllowsPath(crossing.Path!) ? Decision.Allow(rule) : Decision.Deny(rule, "the route does not allow this path");
    }

    /// <summary>The exact host first, then the longest suffix.</summary>
    private Entry? Find(string host)
    {
        if (_exact.TryGetValue(host, out var entry))
        {
            return entry;
        }

        if (_suffixes.Count == 0 || HostSpelling.Of(host).Kind is not HostKind.Name)
        {
            return null;
        }

        var suffixes = _suffixes.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var dot = host.IndexOf('.'); dot >= 0; dot = host.IndexOf('.', dot + 1))
        {
            if (suffixes.TryGetValue(host.AsSpan(dot + 1), out entry))
            {
                return entry;
            }
        }

        return null;
    }

    private sealed class Entry
    {
        private readonly List<PathPrefix> _paths = [];

        public Entry(EgressRoute route)
        {
            Route = route;
            foreach (var path in route.PathAllowlist)
            {
                _paths.Add(PathPrefix.TryParse(path, out var prefix) ? prefix : throw Malformed(path));
            }

            Networks = [.. route.SsrfIpAllowlist.Select(text => Address.Network.TryParse(text, out var network) ? network : throw Malformed(text)), .. Named(route.Host)];
        }

        public EgressRoute Route { get; }

        public bool IsWildcard => Route.Host.StartsWith("*.", StringComparison.Ordinal);

        public bool HasHttpRules => Route.Methods.Count > 0 || _paths.Count > 0;

        public List<IPNetwork> Networks { get; }

        public bool AllowsPort(int port) => Route.Ports.Count == 0 ? port is 80 or 443 : Route.Ports.Contains(port);

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
}
