using System.Text.Json;

namespace Belljar.Contracts.Events;

/// <summary>
/// An immutable record of something observed. This is its form on the wire (<c>ingest.sock</c>, the bus) and in
/// <c>events --json</c>.
/// </summary>
public sealed record BelljarEvent
{
    /// <summary>UUIDv7: sorts by time; storing the same id twice stores one event.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it happened, by the producer's clock, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The topic without ids: <c>gate.egress.decision</c>. One of <see cref="EventKinds.All"/>.</summary>
    public required string Kind { get; init; }

    public Severity Severity { get; init; }

    /// <summary>The machine; stamped by the recorder when the producer left it out.</summary>
    public string? Host { get; init; }

    /// <summary>The bottle's session, by slug.</summary>
    public string? Session { get; init; }

    public string? Attacker { get; init; }

    public string? Decoy { get; init; }

    public string? Mailbox { get; init; }

    /// <summary>The payload: a JSON object whose shape the kind decides (see the records beside this one).</summary>
    public required JsonElement Data { get; init; }
}
