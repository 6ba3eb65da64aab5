using System.Net;
using Belljar.Egress.Gate.Http2;
using Belljar.Egress.Policy;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Gate;

/// <summary>A connection to a host outside, kept from request to request: its address was judged when it was dialled.</summary>
internal sealed class Upstream(string host, int port, IPAddress address, RoutePolicy policy, Wire connection)
{
    private bool _wasOfferedHttp2;

    public string Host => host;

    public int Port => port;

    /// <summary>What it was judged by; after a change of routes it is another one, and the address is judged anew.</summary>
    public RoutePolicy Policy => policy;

    public IPAddress Address => address;

    /// <summary>What TLS is begun on.</summary>
    public Wire Connection => connection;

    /// <summary>What requests are sent over and answers come from.</summary>
    public IWire Wire { get; private set; } = connection;

    /// <summary>Whether it is the way for this exchange: the same place, by the same policy, and no step down from TLS.</summary>
    /// <param name="wantsHttp2">Then one to which HTTP/2 was not offered does not do.</param>
    public bool Leads(Exchange exchange, RoutePolicy by, bool wantsHttp2)
        => host == exchange.Host && port == exchange.Port && ReferenceEquals(policy, by)
            && (connection.IsSecure ? exchange.IsSecure && (_wasOfferedHttp2 || !wantsHttp2) : true);

    /// <summary>TLS was begun: what was agreed on in it is spoken from here on.</summary>
    public void Begin(bool wasOfferedHttp2, Http1Limits limits)
    {
        _wasOfferedHttp2 = wasOfferedHttp2;
        Wire = connection.IsHttp2 ? new Http2Upstream(connection, limits) : connection;
    }

    /// <summary>A request went over it before: it may have been closed meanwhile.</summary>
    public bool IsUsed { get; set; }

    public bool MayBeKept { get; set; } = true;
}
