using System.Text.Json.Nodes;

namespace Belljar.Mcp.Tools;

/// <summary>What JSON an argument is.</summary>
internal enum ToolType
{
    /// <summary>A string of one line.</summary>
    Text,

    /// <summary>A string of any number of lines.</summary>
    Lines,
    Number,
    Flag,

    /// <summary>A list of strings of one line each.</summary>
    Texts,

    /// <summary>A list of objects, each with the arguments that <see cref="ToolParameter.Items"/> names.</summary>
    Objects,
}

/// <summary>One argument of a tool: what the model is told of it, and what is checked.</summary>
/// <param name="Allowed">Null when any text will do.</param>
/// <param name="Least">Of a number.</param>
/// <param name="Most">Of a number; of a text or a list, how long it may be.</param>
internal sealed record ToolParameter(string Name, ToolType Type, string Description, bool Required = false, int Least = 0, int Most = 10_000, params string[]? Allowed)
{
    /// <summary>Of each object of a list.</summary>
    public IReadOnlyList<ToolParameter> Items { get; init; } = [];

    /// <summary>An object with these properties and no others, as JSON Schema (draft 2020-12).</summary>
    public static JsonObject Schema(IReadOnlyList<ToolParameter> parameters) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(parameters.Select(parameter => KeyValuePair.Create(parameter.Name, (JsonNode?)parameter.Schema()))),
        ["required"] = new JsonArray([.. parameters.Where(parameter => parameter.Required).Select(parameter => JsonValue.Create(parameter.Name))]),
        ["additionalProperties"] = false,
    };

    private JsonObject Schema()
    {
        var schema = new JsonObject { ["description"] = Description };
        switch (Type)
        {
            case ToolType.Text or ToolType.Lines:
                (schema["type"], schema["maxLength"]) = ("string", Most);
                break;
            case ToolType.Number:
                (schema["type"], schema["minimum"], schema["maximum"]) = ("integer", Least, Most);
                break;
            case ToolType.Flag:
                schema["type"] = "boolean";
                break;
            default:
                (schema["type"], schema["maxItems"]) = ("array", Most);
                schema["items"] = Type is ToolType.Objects ? Schema(Items) : new JsonObject { ["type"] = "string" };
                break;
        }

        if (Allowed is { Length: > 0 })
        {
            schema["enum"] = new JsonArray([.. Allowed.Select(word => JsonValue.Create(word))]);
        }

        return schema;
    }
}
