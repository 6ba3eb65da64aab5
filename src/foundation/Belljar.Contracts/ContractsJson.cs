using System.Text.Json.Serialization;
using Belljar.Contracts.Events;

namespace Belljar.Contracts;

/// <summary>The one JSON context: snake_case names, enums as lower-case words, nulls left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = false,
    Converters = [typeof(LowerCaseEnum<Severity>), typeof(LowerCaseEnum<Verdict>)])]
[JsonSerializable(typeof(BelljarEvent))]
[JsonSerializable(typeof(MailReceived))]
[JsonSerializable(typeof(MailRefused))]
[JsonSerializable(typeof(MailSent))]
[JsonSerializable(typeof(MailHook))]
[JsonSerializable(typeof(DecoyConnection))]
[JsonSerializable(typeof(DecoyRequest))]
[JsonSerializable(typeof(DecoyAuthAttempt))]
[JsonSerializable(typeof(DecoyCommand))]
[JsonSerializable(typeof(DecoyFileUp))]
[JsonSerializable(typeof(DecoyFileDown))]
[JsonSerializable(typeof(DecoySessionStart))]
[JsonSerializable(typeof(DecoySessionEnd))]
[JsonSerializable(typeof(DecoyState))]
[JsonSerializable(typeof(SandboxCreated))]
[JsonSerializable(typeof(SandboxStopped))]
[JsonSerializable(typeof(BottleStarted))]
[JsonSerializable(typeof(BottleEnded))]
[JsonSerializable(typeof(EgressDecision))]
[JsonSerializable(typeof(EgressCanary))]
[JsonSerializable(typeof(GateState))]
[JsonSerializable(typeof(SystemStarted))]
[JsonSerializable(typeof(SystemStopped))]
[JsonSerializable(typeof(WorkerStateChanged))]
[JsonSerializable(typeof(OperatorAction))]
[JsonSerializable(typeof(WorkerHealth))]
[JsonSerializable(typeof(BusEnvelope))]
public sealed partial class ContractsJson : JsonSerializerContext;

/// <summary>Enums travel as lower-case words.</summary>
public sealed class LowerCaseEnum<T>() : JsonStringEnumConverter<T>(System.Text.Json.JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
