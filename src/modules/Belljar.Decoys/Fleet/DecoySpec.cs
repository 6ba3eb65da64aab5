using System.Net;

namespace Belljar.Decoys.Fleet;

/// <summary>A decoy as the operator wrote it.</summary>
/// <param name="Name">Unique in the fleet.</param>
/// <param name="Identity">What everything random about it is drawn from.</param>
/// <param name="Driver">How it stands on the network.</param>
/// <param name="Addresses">Where it stands; at least one.</param>
/// <param name="Services">What it speaks; at least one.</param>
public sealed record DecoySpec(
    string Name, DecoyIdentity Identity, PresenceDriver Driver, IReadOnlyList<IPAddress> Addresses, IReadOnlyList<ServiceSpec> Services);

/// <param name="Port">0 lets the system choose, which tests want.</param>
/// <param name="Create">Makes its server, with the settings that were read.</param>
public sealed record ServiceSpec(DecoyService Service, int Port, CreateDecoyServer Create);
