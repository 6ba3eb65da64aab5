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
    string Session, string Bottle, EgressOptions Egress, GateSecrets Secrets, string IngestSocket, string SpoolFolder);

/// <summary>What the gate says to the agent when it refuses. Never the secret, never the inside.</summary>
/// <param name="Error"><c>egress_denied</c>, <c>malformed_request</c>, <c>upstream_failed</c>, <c>gate_busy</c>, <c>not_found</c>.</param>
/// <param name="Next">What to do about it.</param>
public sealed record GateAnswer(string Error, string? Host, int? Port, string Rule, string Reason, string Next);

/// <summary>The answer of <c>http://belljar.internal/routes</c>.</summary>
public sealed record RouteList(
    [property: JsonConverter(typeof(LowerCaseEnum<EgressMode>))] EgressMode Mode,
    IReadOnlyList<RouteListEntry> Routes);

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
