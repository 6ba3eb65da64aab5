using System.Text.Json;

namespace Belljar.Mcp.Tools;

/// <summary>The arguments of a call, checked against what the tool takes.</summary>
internal sealed class ToolArguments
{
    private readonly IReadOnlyDictionary<string, JsonElement> _values;

    private ToolArguments(IReadOnlyDictionary<string, JsonElement> values) => _values = values;

    /// <param name="mistakes">All of them at once, each with what is allowed.</param>
    public static ToolArguments Read(IReadOnlyList<ToolParameter> parameters, IDictionary<string, JsonElement>? given, out IReadOnlyList<string> mistakes)
    {
        var values = (given ?? new Dictionary<string, JsonElement>()).Where(entry => entry.Value.ValueKind is not JsonValueKind.Null).ToDictionary();
        var found = new List<string>();
        found.AddRange(values.Keys.Where(name => !parameters.Any(parameter => parameter.Name == name))
            .Select(name => $"'{Shown(name)}' is no argument of this tool; it takes {string.Join(", ", parameters.Select(parameter => parameter.Name))}"));
        foreach (var parameter in parameters)
        {
            if (!values.TryGetValue(parameter.Name, out var value))
            {
                if (parameter.Required)
                {
                    found.Add($"'{parameter.Name}' is missing: {parameter.Description}");
                }
            }
            else if (Mistake(parameter, value) is { } mistake)
            {
                found.Add($"'{parameter.Name}' must be {mistake}");
            }
        }

        mistakes = found;
        return new ToolArguments(values);
    }

    public string Text(string name) => _values[name].GetString()!;

    public string? OptionalText(string name) => _values.TryGetValue(name, out var value) ? value.GetString() : null;

    public bool? Flag(string name) => _values.TryGetValue(name, out var value) ? value.GetBoolean() : null;

    public int Number(string name, int otherwise) => _values.TryGetValue(name, out var value) ? value.GetInt32() : otherwise;

    public IReadOnlyList<string> Texts(string name)
        => _values.TryGetValue(name, out var value) ? [.. value.EnumerateArray().Select(item => item.GetString()!)] : [];

    private static string? Mistake(ToolParameter parameter, JsonElement value) => parameter.Type switch
    {
        ToolType.Text when value.ValueKind is not JsonValueKind.String => "a string",
        ToolType.Text when parameter.Allowed is { Length: > 0 } allowed && !allowed.Contains(value.GetString()) => string.Join(" or ", allowed.Select(word => $"'{word}'")),
        ToolType.Text when value.GetString()!.Length > parameter.Most => $"at most {parameter.Most} characters long",
        ToolType.Number when value.ValueKind is not JsonValueKind.Number || !value.TryGetInt32(out var number) || number < parameter.Least || number > parameter.Most
            => $"a whole number from {parameter.Least} to {parameter.Most}",
        ToolType.Flag when value.ValueKind is not (JsonValueKind.True or JsonValueKind.False) => "true or false",
        ToolType.Texts when value.ValueKind is not JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind is not JsonValueKind.String) || value.GetArrayLength() > parameter.Most
            => $"a list of at most {parameter.Most} strings",
        _ => null,
    };

    private static string Shown(string name) => new([.. name.Take(50).Select(c => char.IsControl(c) ? '?' : c)]);
}
