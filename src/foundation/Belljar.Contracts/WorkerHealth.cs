using System.Text.Json.Serialization;

namespace Belljar.Contracts;

/// <summary>How a worker is. <see cref="Unknown"/> is the reader's word for three missed heartbeats.</summary>
public enum WorkerState
{
    Starting,
    Ready,
    Degraded,
    Faulted,
    Stopping,
    Stopped,
    Unknown,
}

/// <summary>A place where a worker listens, once it does: <c>smtp</c>, <c>127.0.0.1:20025</c>.</summary>
public sealed record BoundListener(string Protocol, string Address);

/// <summary>A worker's heartbeat, published every 10 s and at every change on <c>system.&lt;worker&gt;.health</c>.</summary>
/// <param name="Since">When the present state began, UTC.</param>
/// <param name="Reason">Why it is degraded or faulted, and what to do about it; null otherwise.</param>
/// <param name="Restarts">How often it was started again after a fault.</param>
/// <param name="Counters">What it counts, by name.</param>
public sealed record WorkerHealth(
    string Name,
    [property: JsonConverter(typeof(LowerCaseEnum<WorkerState>))] WorkerState State,
    DateTimeOffset Since,
    string? Reason,
    int Restarts,
    int Pid,
    IReadOnlyList<BoundListener> Listeners,
    IReadOnlyDictionary<string, long> Counters);
