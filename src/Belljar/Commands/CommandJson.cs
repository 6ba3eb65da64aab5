using System.Text.Json;
using System.Text.Json.Serialization;

namespace Belljar.Commands;

/// <summary>What commands print as JSON, where it is nobody else's record.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(SessionRow[]))]
[JsonSerializable(typeof(MessageRow[]))]
[JsonSerializable(typeof(MailboxRow[]))]
[JsonSerializable(typeof(FoundRow[]))]
internal sealed partial class CommandJson : JsonSerializerContext;
