using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace Belljar.Mcp.Tools;

/// <summary>A tool is a value: its name, what the model is told, what it takes, what it does.</summary>
/// <param name="IsReadOnly">It changes nothing.</param>
internal sealed record McpTool(
    string Name, string Description, bool IsReadOnly, IReadOnlyList<ToolParameter> Parameters, Func<ToolArguments, CancellationToken, ValueTask<ToolResult>> Call)
{
    public Tool Describe()
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, (JsonNode?)parameter.Schema()))),
            ["required"] = new JsonArray([.. Parameters.Where(parameter => parameter.Required).Select(parameter => JsonValue.Create(parameter.Name))]),
            ["additionalProperties"] = false,
        };
        return new Tool
        {
            Name = Name,
            Description = Description,
            InputSchema = JsonSerializer.SerializeToElement(schema, McpJson.Default.JsonObject),
            Annotations = new ToolAnnotations { ReadOnlyHint = IsReadOnly, OpenWorldHint = false },
        };
    }
}

/// <summary>What a tool says: text for the model, the same as data, or why it could not.</summary>
/// <param name="Data">An object; null when there is none.</param>
internal sealed record ToolResult(string Text, JsonElement? Data = null, ContentBlock? Attachment = null, bool IsError = false)
{
    /// <param name="code">The mail socket's word for it.</param>
    public static ToolResult Error(string code, string reason) => new($"[{code}] {reason}", IsError: true);

    public CallToolResult ToProtocol() => new()
    {
        Content = Attachment is null ? [new TextContentBlock { Text = Text }] : [new TextContentBlock { Text = Text }, Attachment],
        StructuredContent = Data,
        IsError = IsError,
    };
}
