using System.Net;

namespace Belljar.Egress.Gate;

/// <summary>A connection to a host outside, kept from request to request: its address was judged when it was dialled.</summary>
internal sealed class Upstream(string host, int port, IPAddress address, IReadOnlyList<IPNetwork> allowed, Wire wire)
{
    public string Host => host;

    public int Port => port;

    /// <summary>What it was judged by; after a change of routes it is another list, and the address is judged anew.</summary>
    public IReadOnlyList<IPNetwork> Allowed => allowed;

    public IPAddress Address => address;

    public Wire Wire => wire;

    /// <summary>A request went over it before: it may have been closed meanwhile.</summary>
    public bool IsUsed { get; set; }

    public bool MayBeKept { get; set; } = true;
}
