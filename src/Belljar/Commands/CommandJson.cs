using System.Text.Json;
using System.Text.Json.Serialization;
using Belljar.Commands.Mail;
using Belljar.Mail.Outgoing.Queue;

namespace Belljar.Commands;

/// <summary>What commands print as JSON, where it is nobody else's record.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(SessionRow[]))]
[JsonSerializable(typeof(MessageRow[]))]
[JsonSerializable(typeof(MailboxRow[]))]
[JsonSerializable(typeof(HookRow[]))]
[JsonSerializable(typeof(HookFormRow))]
[JsonSerializable(typeof(FoundRow[]))]
[JsonSerializable(typeof(RecordRow[]))]
[JsonSerializable(typeof(PortRow[]))]
[JsonSerializable(typeof(DoctorOutput[]))]
[JsonSerializable(typeof(QueueEntry[]))]
[JsonSerializable(typeof(SuppressedAddress[]))]
[JsonSerializable(typeof(TransferResult))]
internal sealed partial class CommandJson : JsonSerializerContext;
