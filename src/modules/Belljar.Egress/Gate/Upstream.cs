using System.Net;

namespace Belljar.Egress.Gate;

/// <summary>A connection to a host outside, kept from request to request: its address was judged when it was dialled.</summary>
internal sealed class Upstream(string host, int port, IPAddress address, Wire wire)
{
    public string Host => host;

    public int Port => port;

    public IPAddress Address => address;

    public Wire Wire => wire;

    /// <summary>A request went over it before: it may have been closed meanwhile.</summary>
    public bool IsUsed { get; set; }

    public bool MayBeKept { get; set; } = true;
}
