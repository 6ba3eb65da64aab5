using System.Text.Json.Serialization;

namespace Belljar.Decoys;

/// <summary>A decoy as <c>belljar decoys list --json</c> shows it.</summary>
/// <param name="State"><c>active</c>, <c>degraded</c> or <c>stopped</c>.</param>
/// <param name="Reason">Why it is degraded; null otherwise.</param>
public sealed record DecoyStatus(
    string Name, string State, string? Reason, IReadOnlyList<string> Addresses, IReadOnlyList<DecoyServiceStatus> Services);

/// <param name="Id">The decoy service's id: <c>http</c>.</param>
/// <param name="Transport"><c>tcp</c>.</param>
/// <param name="Address">Where it really listens, with its port; where it should, while it does not.</param>
/// <param name="Product">What it claims to be.</param>
/// <param name="Version">Which version of it.</param>
public sealed record DecoyServiceStatus(string Id, string Transport, string Address, string Product, string Version);

/// <summary>What stands in <c>run/decoys.json</c>.</summary>
/// <param name="Pid">The process that serves these decoys; when it is gone, so are they.</param>
public sealed record DecoyListing(int Pid, IReadOnlyList<DecoyStatus> Decoys);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DecoyListing))]
[JsonSerializable(typeof(IReadOnlyList<DecoyStatus>))]
public sealed partial class DecoysJson : JsonSerializerContext;
