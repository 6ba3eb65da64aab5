using System.Text.Json;
using System.Text.Json.Nodes;
using Belljar.Protocols.Aimx;
using ModelContextProtocol.Protocol;

namespace Belljar.Mcp.Tools;

/// <summary>What a tool says: text for the model, the same as data, or why it could not.</summary>
/// <param name="Data">An object; null when there is none.</param>
internal sealed record ToolResult(string Text, JsonElement? Data = null, ContentBlock? Attachment = null, bool IsError = false)
{
    public static ToolResult Done { get; } = new("done");

    /// <param name="code">The mail socket's word for it.</param>
    public static ToolResult Error(string code, string reason) => new($"[{code}] {reason}", IsError: true);

    public static ToolResult Error(AimxError error) => Error(error.Code.Word(), error.Reason);

    /// <summary>Of a request that is done or refused, and has nothing to tell.</summary>
    public static ToolResult Of(AimxAnswer answer) => answer.Error is { } error ? Error(error) : Done;

    /// <summary>Of a request that is answered with a list, which gets this name.</summary>
    public static ToolResult ListOf(string name, AimxAnswer answer)
    {
        if (answer.Error is { } error)
        {
            return Error(error);
        }

        var data = new JsonObject { [name] = JsonNode.Parse(answer.Json.Span) };
        return new ToolResult(data.ToJsonString(), JsonSerializer.SerializeToElement(data, McpJson.Default.JsonObject));
    }

    public CallToolResult ToProtocol() => new()
    {
        Content = Attachment is null ? [new TextContentBlock { Text = Text }] : [new TextContentBlock { Text = Text }, Attachment],
        StructuredContent = Data,
        IsError = IsError,
    };
}
