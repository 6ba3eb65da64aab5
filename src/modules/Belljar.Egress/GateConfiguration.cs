using System.Text.Json.Serialization;
using Belljar.Contracts;
using Belljar.Egress.Policy;

namespace Belljar.Egress;

/// <summary>All that a gate's process needs to know; given to it as one JSON frame on an inherited descriptor, never on disk.</summary>
/// <param name="Session">The session's slug.</param>
/// <param name="Bottle">The bottle's name.</param>
/// <param name="IngestSocket">Path of the recorder's socket.</param>
/// <param name="SpoolFolder">Where events wait while the recorder is away.</param>
public sealed record GateConfiguration(
    string Session, string Bottle, EgressOptions Egress, GateSecrets Secrets, string IngestSocket, string SpoolFolder)
{
    /// <summary>The ports whose listeners were inherited, in the order of their descriptors; what forwards lead to may change, these do not.</summary>
    public IReadOnlyList<int> Doors { get; init; } = [];

    public override string ToString() => $"{nameof(GateConfiguration)} of {Session}";
}

/// <summary>What the gate says to the agent when it refuses. Never the secret, never the inside.</summary>
/// <param name="Error"><c>egress_denied</c>, <c>malformed_request</c>, <c>upstream_failed</c>, <c>gate_busy</c>, <c>not_found</c>.</param>
/// <param name="Next">What to do about it.</param>
public sealed record GateAnswer(string Error, string? Host, int? Port, string Rule, string Reason, string Next);

/// <summary>The answer of <c>http://belljar.internal/routes</c>.</summary>
public sealed record RouteList(
    [property: JsonConverter(typeof(LowerCaseEnum<EgressMode>))] EgressMode Mode,
    IReadOnlyList<RouteListEntry> Routes)
{
    /// <summary>Null when there is none.</summary>
    public IReadOnlyList<ForwardListEntry>? Forwards { get; init; }
}

/// <param name="Listen">The port on loopback inside.</param>
/// <param name="To">Where what connects there arrives; it is passed without inspection.</param>
public sealed record ForwardListEntry(int Listen, string To);

/// <param name="Ports">The ports that are open.</param>
/// <param name="Methods">Empty: all.</param>
/// <param name="Paths">Empty: all.</param>
public sealed record RouteListEntry(string Host, IReadOnlyList<int> Ports, IReadOnlyList<string> Methods, IReadOnlyList<string> Paths)
{
    [JsonConverter(typeof(LowerCaseEnum<RouteTls>))]
    public RouteTls Tls { get; init; }

    /// <summary>The scheme of the credential that the gate adds; the agent needs none of its own.</summary>
    public string? Auth { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(GateConfiguration))]
[JsonSerializable(typeof(GateAnswer))]
[JsonSerializable(typeof(RouteList))]
public sealed partial class EgressJson : JsonSerializerContext;
