using System.Text.Json.Nodes;

namespace Belljar.Mcp.Tools;

/// <summary>What JSON an argument is.</summary>
internal enum ToolType
{
    Text,
    Number,
    Flag,
    Texts,
}

/// <summary>One argument of a tool: what the model is told of it, and what is checked.</summary>
/// <param name="Allowed">Null when any text will do.</param>
/// <param name="Least">Of a number.</param>
/// <param name="Most">Of a number; of a text or a list, how long it may be.</param>
internal sealed record ToolParameter(string Name, ToolType Type, string Description, bool Required = false, int Least = 0, int Most = 10_000, params string[]? Allowed)
{
    /// <summary>As JSON Schema (draft 2020-12).</summary>
    public JsonObject Schema()
    {
        var schema = new JsonObject { ["description"] = Description };
        switch (Type)
        {
            case ToolType.Text:
                (schema["type"], schema["maxLength"]) = ("string", Most);
                break;
            case ToolType.Number:
                (schema["type"], schema["minimum"], schema["maximum"]) = ("integer", Least, Most);
                break;
            case ToolType.Flag:
                schema["type"] = "boolean";
                break;
            default:
                (schema["type"], schema["items"], schema["maxItems"]) = ("array", new JsonObject { ["type"] = "string" }, Most);
                break;
        }

        if (Allowed is { Length: > 0 })
        {
            schema["enum"] = new JsonArray([.. Allowed.Select(word => JsonValue.Create(word))]);
        }

        return schema;
    }
}
