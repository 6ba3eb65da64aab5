using System.Net;
using Belljar.Decoys.Fleet;

namespace Belljar.Decoys.Presence;

/// <summary>One service on one address: bound or still to be bound.</summary>
internal sealed class DeployedService(ServiceSpec spec, IPAddress address, IDecoyServer server)
{
    public string Id => spec.Service.Name;

    public DecoyTransport Transport => spec.Service.Transport;

    public IPEndPoint Wanted { get; } = new(address, spec.Port);

    public IDecoyServer Server => server;

    public DecoyListener? Listener { get; set; }

    /// <summary>Why it is not bound, for the operator.</summary>
    public string? Failure { get; set; }
}
