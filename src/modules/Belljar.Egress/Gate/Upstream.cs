using System.Net;
using Belljar.Egress.Policy;

namespace Belljar.Egress.Gate;

/// <summary>A connection to a host outside, kept from request to request: its address was judged when it was dialled.</summary>
internal sealed class Upstream(string host, int port, IPAddress address, RoutePolicy policy, Wire wire)
{
    public string Host => host;

    public int Port => port;

    /// <summary>What it was judged by; after a change of routes it is another one, and the address is judged anew.</summary>
    public RoutePolicy Policy => policy;

    public IPAddress Address => address;

    public Wire Wire => wire;

    /// <summary>Whether it is the way for this exchange: the same place, by the same policy, and no step down from TLS.</summary>
    public bool Leads(Exchange exchange, RoutePolicy by)
        => host == exchange.Host && port == exchange.Port && ReferenceEquals(policy, by) && (exchange.IsSecure || !wire.IsSecure);

    /// <summary>A request went over it before: it may have been closed meanwhile.</summary>
    public bool IsUsed { get; set; }

    public bool MayBeKept { get; set; } = true;
}
