using System.Collections.Frozen;
using Belljar.Contracts;
using Belljar.Egress.Secrets;
using Belljar.Net;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Policy;

/// <summary>What is asked for, as far as a route can judge it.</summary>
/// <param name="Path">Null for a tunnel as such: what is inside is asked about when it comes.</param>
internal readonly record struct Crossing(string Host, int Port, string Method, RequestPath? Path)
{
    public bool IsTunnel => Path is null;
}

/// <summary>A forward with what holds for it.</summary>
internal sealed record Door(EgressForward Forward, RoutePolicy Policy);

/// <summary>The routes of a bottle, frozen and ready to be asked. Immutable; a change is a new table.</summary>
internal sealed class RouteTable
{
    /// <summary>SSH has a gate of its own, with the operator's key behind it.</summary>
    public const int NeverPort = 22;

    private readonly FrozenDictionary<string, RoutePolicy> _exact;
    private readonly FrozenDictionary<string, RoutePolicy> _suffixes;

    private readonly FrozenDictionary<int, Door> _doors;

    // One for each table: after a change of routes, what was judged by it is judged anew.
    private readonly RoutePolicy _unnamed;

    /// <exception cref="ArgumentException">The options were not read by <see cref="EgressSection"/>: a route is malformed.</exception>
    public RouteTable(EgressOptions options, CredentialVault vault)
    {
        Options = options;
        Vault = vault;
        _unnamed = RoutePolicy.Unnamed(vault);
        var entries = options.Routes.Select(route => new RoutePolicy(route, vault)).ToList();
        _exact = entries.Where(entry => !entry.IsWildcard).ToFrozenDictionary(entry => entry.Route.Host);
        _doors = options.Forwards.Select(forward => new Door(forward, RoutePolicy.Of(forward, vault))).ToFrozenDictionary(door => door.Forward.Listen);
        _suffixes = entries.Where(entry => entry.IsWildcard).ToFrozenDictionary(entry => entry.Route.Host[2..]);
    }

    public EgressOptions Options { get; }

    /// <summary>The values that these routes use, and those that must not leave.</summary>
    public CredentialVault Vault { get; }

    /// <summary>Where a door leads; null when none is declared for that port.</summary>
    public Door? Door(int listen) => _doors.GetValueOrDefault(listen);

    /// <summary>What holds for a host, whether or not it may be reached.</summary>
    public RoutePolicy PolicyFor(string host) => Find(host) ?? _unnamed;

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
            : Decision.Allow($"{(Options.Mode is EgressMode.Learn ? "learn" : "audit")}:{decision.Rule}", $"would be denied: {decision.Reason}");
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
            // Methods and paths are judged inside, request by request.
            return Decision.Allow(rule, entry.IsInspected ? "" : "passed without inspection");
        }

        if (!entry.AllowsMethod(crossing.Method))
        {
            return Decision.Deny(rule, "the route does not allow this method");
        }

        if (!entry.Route.GitPush && GitPush.Is(crossing.Path!))
        {
            return Decision.Deny("git-push", "git push does not go through the egress gate");
        }

        return entry.AllowsPath(crossing.Path!) ? Decision.Allow(rule) : Decision.Deny(rule, "the route does not allow this path");
    }

    /// <summary>The exact host first, then the longest suffix.</summary>
    private RoutePolicy? Find(string host)
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
}
