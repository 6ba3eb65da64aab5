using System.Text.Json;
using System.Text.Json.Serialization;

namespace Belljar.Bottles.Sessions;

/// <summary>
/// Everything that a session's supervisor has to know. It reaches him as one JSON frame on an inherited descriptor, and
/// is never written to disk, because environment values may be secret.
/// </summary>
/// <param name="Slug">The session's name.</param>
/// <param name="Bottle">The bottle's name.</param>
/// <param name="Command">What runs inside: an argument array.</param>
/// <param name="Rootfs">Where its files come from: <c>host</c>.</param>
/// <param name="Environment">The manifest's values, which win over <see cref="SessionEnvironment"/>'s.</param>
/// <param name="Routes">The hosts that its routes name, for the event.</param>
/// <param name="Authority">The certificate (PEM) that everything inside trusts.</param>
/// <param name="Doors">The ports inside that lead through the gate to places that the bottle names.</param>
/// <param name="Gate">The gate's own configuration, handed on as it is.</param>
public sealed record SessionPlan(
    string Slug,
    string Bottle,
    IReadOnlyList<string> Command,
    string Rootfs,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<string> Routes,
    long? MemoryBytes,
    double? Processors,
    int Processes,
    string Authority,
    IReadOnlyList<int> Doors,
    JsonElement Gate)
{
    /// <summary>The gate's configuration and the environment may hold secrets.</summary>
    public override string ToString() => $"{nameof(SessionPlan)} of {Slug}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SessionPlan))]
[JsonSerializable(typeof(SessionRecord))]
public sealed partial class SessionJson : JsonSerializerContext;

/// <summary>What is kept on disk of a session: nothing secret.</summary>
/// <param name="Program">The first word of its command.</param>
/// <param name="ExitCode">Null while it runs, and when its supervisor was killed.</param>
public sealed record SessionRecord(
    string Slug, string Bottle, string Program, string Backend, int SupervisorPid, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, int? ExitCode);
