using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Belljar.Mcp.Mail;

namespace Belljar.Mcp;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(MessageList))]
[JsonSerializable(typeof(FoundList))]
[JsonSerializable(typeof(MessageContent))]
[JsonSerializable(typeof(SentMessage))]
internal sealed partial class McpJson : JsonSerializerContext;
