using System.Text.Json.Serialization;
using Belljar.Bus;
using Belljar.Contracts;

namespace Belljar.Control;

/// <summary>What <c>belljar status --json</c> prints; scripts rely on <c>workers[].name, state, listeners[].protocol, address</c>.</summary>
internal sealed record SystemStatus(
    string Version, string Home, int Pid, DateTimeOffset Since, IReadOnlyList<WorkerHealth> Workers);

/// <summary>One row of <c>belljar workers</c>.</summary>
internal sealed record WorkerRow(
    string Name,
    string Summary,
    IReadOnlyList<string> Needs,
    [property: JsonConverter(typeof(LowerCaseEnum<WorkerState>))] WorkerState State,
    string? Reason,
    double UptimeSeconds,
    int Restarts);

internal sealed record WorkerActionResult(
    string Worker,
    [property: JsonConverter(typeof(LowerCaseEnum<WorkerState>))] WorkerState State,
    string? Reason);

/// <summary>Why a request on <c>control.sock</c> was not carried out, for the operator.</summary>
internal sealed record ControlError(string Error);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = false)]
[JsonSerializable(typeof(SystemStatus))]
[JsonSerializable(typeof(IReadOnlyList<WorkerRow>))]
[JsonSerializable(typeof(WorkerActionResult))]
[JsonSerializable(typeof(ControlError))]
[JsonSerializable(typeof(BusStatistics))]
internal sealed partial class ControlJson : JsonSerializerContext;
