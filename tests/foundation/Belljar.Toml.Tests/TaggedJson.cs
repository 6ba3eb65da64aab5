using System.Globalization;
using System.Text.Json;

namespace Belljar.Toml.Tests;

/// <summary>The corpus's way to write expected values: <c>{"type": "integer", "value": "1"}</c> for scalars.</summary>
internal static class TaggedJson
{
    /// <summary>Null where they agree, else the path at which they do not.</summary>
    public static string? Difference(TomlValue actual, JsonElement expected, string path = "$")
    {
        switch (actual)
        {
            case TomlTable table:
                return TableDifference(table, expected, path);
            case TomlArray array:
                return ArrayDifference(array, expected, path);
            default:
                var (type, value) = (expected.GetProperty("type").GetString()!, expected.GetProperty("value").GetString()!);
                return Agrees(actual, type, value) ? null : $"{path}: {type} {value}";
        }
    }

    private static string? TableDifference(TomlTable table, JsonElement expected, string path)
    {
        if (expected.ValueKind != JsonValueKind.Object || expected.EnumerateObject().Count() != table.Count)
        {
            return path + ": other keys";
        }

        return table
            .Select(pair => expected.TryGetProperty(pair.Key, out var child)
                ? Difference(pair.Value, child, $"{path}.{pair.Key}")
                : $"{path}.{pair.Key}: not expected")
            .FirstOrDefault(difference => difference is not null);
    }

    private static string? ArrayDifference(TomlArray array, JsonElement expected, string path)
    {
        if (expected.ValueKind != JsonValueKind.Array || expected.GetArrayLength() != array.Count)
        {
            return path + ": other items";
        }

        return array
            .Select((item, i) => Difference(item, expected[i], $"{path}[{i}]"))
            .FirstOrDefault(difference => difference is not null);
    }

    private static bool Agrees(TomlValue actual, string type, string value) => actual switch
    {
        TomlString s => type == "string" && s.Value == value,
        TomlInteger i => type == "integer" && i.Value == long.Parse(value, CultureInfo.InvariantCulture),
        TomlBoolean b => type == "bool" && (b.Value ? "true" : "false") == value,
        TomlFloat f => type == "float" && f.Value.Equals(Float(value)),
        TomlOffsetDateTime t => type == "datetime" && t.Value.EqualsExact(DateTimeOffset.Parse(value, CultureInfo.InvariantCulture)),
        TomlLocalDateTime t => type == "datetime-local" && t.Value == DateTime.Parse(value, CultureInfo.InvariantCulture),
        TomlLocalDate d => type == "date-local" && d.Value == DateOnly.ParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        TomlLocalTime t => type == "time-local" && t.Value == TimeOnly.Parse(value, CultureInfo.InvariantCulture),
        _ => false,
    };

    private static double Float(string value) => value switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" => double.NaN,
        _ => double.Parse(value, CultureInfo.InvariantCulture),
    };
}
