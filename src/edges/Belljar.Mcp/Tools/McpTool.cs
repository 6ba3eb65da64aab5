using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace Belljar.Mcp.Tools;

/// <summary>What a tool does to the world, which the client may ask its user about.</summary>
internal enum ToolEffect
{
    Reads,

    /// <summary>Changes something here that can be changed back.</summary>
    Changes,

    /// <summary>Something here is gone afterwards.</summary>
    Destroys,

    /// <summary>Something leaves, or runs by itself from then on.</summary>
    ReachesOut,
}

/// <summary>A tool is a value: its name, what the model is told, what it takes, what it does.</summary>
internal sealed record McpTool(
    string Name, string Description, ToolEffect Effect, IReadOnlyList<ToolParameter> Parameters, Func<ToolArguments, CancellationToken, ValueTask<ToolResult>> Call)
{
    public Tool Describe() => new()
    {
        Name = Name,
        Description = Description,
        InputSchema = JsonSerializer.SerializeToElement(ToolParameter.Schema(Parameters), McpJson.Default.JsonObject),
        Annotations = new ToolAnnotations
        {
            ReadOnlyHint = Effect is ToolEffect.Reads,
            DestructiveHint = Effect is ToolEffect.Destroys,
            OpenWorldHint = Effect is ToolEffect.ReachesOut,
        },
    };
}
