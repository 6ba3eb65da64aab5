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
        var found = new List<string>();
        var arguments = Read(parameters, given ?? new Dictionary<string, JsonElement>(), "", found);
        mistakes = found;
        return arguments;
    }

    public string Text(string name) => _values[name].GetString()!;

    public string? OptionalText(string name) => _values.TryGetValue(name, out var value) ? value.GetString() : null;

    public bool? Flag(string name) => _values.TryGetValue(name, out var value) ? value.GetBoolean() : null;

    public int Number(string name, int otherwise) => OptionalNumber(name) is { } number ? number : otherwise;

    public int? OptionalNumber(string name) => _values.TryGetValue(name, out var value) ? value.GetInt32() : null;

    public IReadOnlyList<string> Texts(string name)
        => _values.TryGetValue(name, out var value) ? [.. value.EnumerateArray().Select(item => item.GetString()!)] : [];

    public IReadOnlyList<ToolArguments> Objects(string name)
        => _values.TryGetValue(name, out var value) ? [.. value.EnumerateArray().Select(item => new ToolArguments(Given(Properties(item))))] : [];

    /// <param name="path">What stands before the names that mistakes are told of.</param>
    private static ToolArguments Read(IReadOnlyList<ToolParameter> parameters, IEnumerable<KeyValuePair<string, JsonElement>> given, string path, List<string> mistakes)
    {
        var values = Given(given);
        mistakes.AddRange(values.Keys.Where(name => !parameters.Any(parameter => parameter.Name == name))
            .Select(name => $"'{path}{Shown(name)}' is no argument of this tool; it takes {string.Join(", ", parameters.Select(parameter => path + parameter.Name))}"));
        foreach (var parameter in parameters)
        {
            if (!values.TryGetValue(parameter.Name, out var value))
            {
                if (parameter.Required)
                {
                    mistakes.Add($"'{path}{parameter.Name}' is missing: {parameter.Description}");
                }
            }
            else if (Mistake(parameter, value) is { } mistake)
            {
                mistakes.Add($"'{path}{parameter.Name}' must be {mistake}");
            }
            else if (parameter.Type is ToolType.Objects)
            {
                foreach (var (at, item) in value.EnumerateArray().Index())
                {
                    Read(parameter.Items, Properties(item), $"{path}{parameter.Name}[{at}].", mistakes);
                }
            }
        }

        return new ToolArguments(values);
    }

    private static string? Mistake(ToolParameter parameter, JsonElement value) => parameter.Type switch
    {
        ToolType.Text or ToolType.Lines when value.ValueKind is not JsonValueKind.String => "a string",
        ToolType.Text when !IsOneLine(value) => "one line",
        ToolType.Text when parameter.Allowed is { Length: > 0 } allowed && !allowed.Contains(value.GetString()) => string.Join(" or ", allowed.Select(word => $"'{word}'")),
        ToolType.Text or ToolType.Lines when value.GetString()!.Length > parameter.Most => $"at most {parameter.Most} characters long",
        ToolType.Number when value.ValueKind is not JsonValueKind.Number || !value.TryGetInt32(out var number) || number < parameter.Least || number > parameter.Most
            => $"a whole number from {parameter.Least} to {parameter.Most}",
        ToolType.Flag when value.ValueKind is not (JsonValueKind.True or JsonValueKind.False) => "true or false",
        ToolType.Texts when !IsListOf(value, JsonValueKind.String, parameter.Most) || !value.EnumerateArray().All(IsOneLine) => $"a list of at most {parameter.Most} strings of one line",
        ToolType.Objects when !IsListOf(value, JsonValueKind.Object, parameter.Most) => $"a list of at most {parameter.Most} objects",
        _ => null,
    };

    /// <summary>What is put into a field of the socket's protocol, or of a header, cannot begin another one.</summary>
    private static bool IsOneLine(JsonElement text) => !text.GetString().AsSpan().ContainsAny('\r', '\n', '\0');

    private static bool IsListOf(JsonElement value, JsonValueKind kind, int most)
        => value.ValueKind is JsonValueKind.Array && value.GetArrayLength() <= most && value.EnumerateArray().All(item => item.ValueKind == kind);

    /// <summary>Null is as if nothing was said.</summary>
    private static Dictionary<string, JsonElement> Given(IEnumerable<KeyValuePair<string, JsonElement>> given)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in given)
        {
            if (value.ValueKind is not JsonValueKind.Null)
            {
                values[name] = value;
            }
        }

        return values;
    }

    private static IEnumerable<KeyValuePair<string, JsonElement>> Properties(JsonElement item)
        => item.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, property.Value));

    private static string Shown(string name) => new([.. name.Take(50).Select(c => char.IsControl(c) ? '?' : c)]);
}
