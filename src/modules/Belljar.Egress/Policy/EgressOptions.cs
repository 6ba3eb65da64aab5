using System.Text.Json.Serialization;
using Belljar.Contracts;

namespace Belljar.Egress.Policy;

public enum EgressMode
{
    /// <summary>What no route allows is denied.</summary>
    Enforce,

    /// <summary>
    /// What no route allows passes and is recorded as such. What protects the machine itself stays in force: addresses,
    /// spellings, port 22, malformed messages, TLS only inside tunnels.
    /// </summary>
    Audit,

    /// <summary>As <see cref="Audit"/>, so that a list of routes can be made from what was recorded (<see cref="RouteProposal"/>).</summary>
    Learn,
}

/// <summary>What happens to TLS inside a tunnel.</summary>
public enum RouteTls
{
    /// <summary>It ends at the gate, which reads what is inside and speaks TLS of its own to the host.</summary>
    Inspect,

    /// <summary>It passes: the gate sees the host and no more. Shown as such everywhere.</summary>
    Passthrough,
}

/// <summary>What a finding in what the agent sends does.</summary>
public enum RouteScan
{
    Deny,

    /// <summary>The value is covered and the work goes on: for hosts that get to see all that an agent reads.</summary>
    Redact,

    /// <summary>It passes, and is recorded.</summary>
    Alert,

    /// <summary>Nobody looks.</summary>
    Off,
}

/// <summary>A bottle's <c>egress</c> section. Serialisable: it travels to the gate in one frame.</summary>
public sealed record EgressOptions(
    [property: JsonConverter(typeof(LowerCaseEnum<EgressMode>))] EgressMode Mode,
    IReadOnlyList<EgressRoute> Routes)
{
    /// <summary>Files with authorities that upstream hosts may prove themselves by, besides the system's.</summary>
    public IReadOnlyList<string> UpstreamCa { get; init; } = [];

    /// <summary>TCP doors by name; what is not here does not exist.</summary>
    public IReadOnlyList<EgressForward> Forwards { get; init; } = [];

    /// <summary>What the session may send in all, in bytes; null: no limit.</summary>
    public long? Budget { get; init; }

    /// <summary>A bottle without the section: nothing leaves.</summary>
    public static readonly EgressOptions DenyAll = new(EgressMode.Enforce, []);
}

/// <param name="Host">A name, <c>*.suffix</c>, or an IP address in its usual spelling without brackets; lower case.</param>
/// <param name="Ports">Empty: 80 and 443.</param>
/// <param name="Methods">Empty: all.</param>
/// <param name="PathAllowlist">Absolute prefixes; empty: all.</param>
/// <param name="SsrfIpAllowlist">Addresses and networks that this host may resolve to although they are not public.</param>
public sealed record EgressRoute(
    string Host,
    IReadOnlyList<int> Ports,
    IReadOnlyList<string> Methods,
    IReadOnlyList<string> PathAllowlist,
    IReadOnlyList<string> SsrfIpAllowlist)
{
    [JsonConverter(typeof(LowerCaseEnum<RouteTls>))]
    public RouteTls Tls { get; init; }

    /// <summary>What is added to every request; null: nothing.</summary>
    public RouteAuth? Auth { get; init; }

    /// <summary>The agent's own credentials pass: a login made inside needs it.</summary>
    public bool AgentAuth { get; init; }

    [JsonConverter(typeof(LowerCaseEnum<RouteScan>))]
    public RouteScan Scan { get; init; }

    /// <summary>Content codings that pass although nobody can look into them.</summary>
    public IReadOnlyList<string> AllowEncodings { get; init; } = [];

    /// <summary>git push over HTTPS passes; else it belongs to the git gate.</summary>
    public bool GitPush { get; init; }

    /// <summary>Of a request's body, in bytes; null: no limit.</summary>
    public long? MaxBody { get; init; }

    /// <summary>What the session may send to this host in all, in bytes; null: no limit.</summary>
    public long? Budget { get; init; }

    public static EgressRoute To(string host) => new(host, [], [], [], []);
}
