using System.Text.Json;
using Belljar.Mime.Headers;

namespace Belljar.Mime.Tests.Corpus;

/// <summary>Compares one header field with the corpus's expected value. Null where they agree.</summary>
internal static class ExpectedField
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string? Difference(HeaderField field, JsonElement expected)
    {
        if (expected.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var value = expected.EnumerateObject().Single();
        return value.Name switch
        {
            "Text" => Equal(IdOrText(field), value.Value.GetString()),
            "Address" => Equal(Addresses(field.Addresses), ExpectedAddresses(value.Value)),
            "DateTime" => Equal(Date(field.Date), ExpectedDate(value.Value)),
            "ContentType" => Equal(Parameterized(field), ExpectedParameterized(value.Value)),
            _ => null,
        };
    }

    public static string? Equal(string? actual, string? expected) => actual == expected ? null : $"expected {Quote(expected)}, found {Quote(actual)}";

    public static string Addresses(AddressList list)
    {
        var lines = new List<string>();
        string? group = null;
        foreach (var mailbox in list)
        {
            if (mailbox.Group != group)
            {
                lines.Add($"[{mailbox.Group}]");
                group = mailbox.Group;
            }

            var name = mailbox.Comment is null ? mailbox.DisplayName : $"{mailbox.DisplayName} ({mailbox.Comment})";
            lines.Add($"{name} <{mailbox.Address}>");
        }

        lines.AddRange(list.GroupNames.Where(name => !list.Any(mailbox => mailbox.Group == name)).Select(name => $"[{name}]"));
        return string.Join('\n', lines);
    }

    public static string ExpectedAddresses(JsonElement expected)
    {
        if (expected.ValueKind == JsonValueKind.Null)
        {
            return "";
        }

        if (expected.TryGetProperty("List", out var list))
        {
            return string.Join('\n', list.EnumerateArray().Select(Mailbox));
        }

        var lines = new List<string>();
        foreach (var group in expected.GetProperty("Group").EnumerateArray())
        {
            // What stands before the first group is one without a name there, and nothing here.
            if (lines.Count > 0 || group.GetProperty("name").GetString() is not null)
            {
                lines.Add($"[{group.GetProperty("name").GetString()}]");
            }

            lines.AddRange(group.GetProperty("addresses").EnumerateArray().Select(Mailbox));
        }

        return string.Join('\n', lines);
    }

    public static string? Date(DateTimeOffset? date) => date is { } d ? $"{d:yyyy-MM-dd HH:mm:ss zzz}" : null;

    public static string? ExpectedDate(JsonElement e)
    {
        if (e.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        int Part(string name) => e.GetProperty(name).GetInt32();
        var isNegative = e.GetProperty("tz_before_gmt").GetBoolean() && (Part("tz_hour") != 0 || Part("tz_minute") != 0);
        return $"{Part("year"):0000}-{Part("month"):00}-{Part("day"):00} {Part("hour"):00}:{Part("minute"):00}:{Part("second"):00} "
            + $"{(isNegative ? '-' : '+')}{Part("tz_hour"):00}:{Part("tz_minute"):00}";
    }

    public static string? Parameterized(HeaderField field)
    {
        var (head, parameters) = ParameterParser.Parse(field.RawValue.Span);
        var type = ContentType.Read(field.RawValue.Span);
        return type.Type.Length == 0 ? null : Shown(head.Contains('/', StringComparison.Ordinal) && type.Subtype.Length > 0 ? type.MediaType : type.Type, parameters.SelectMany(parameter => parameter.Language is null
            ? [(parameter.Name, parameter.Value)]
            : new[] { (parameter.Name + "-language", parameter.Language), (parameter.Name, parameter.Value) }));
    }

    public static string? ExpectedParameterized(JsonElement expected)
    {
        if (expected.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var type = expected.GetProperty("c_type").GetString();
        var subtype = expected.GetProperty("c_subtype").GetString();
        var attributes = expected.TryGetProperty("attributes", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Array
                ? (item[0].GetString()!, item[1].GetString()!)
                : (item.GetProperty("name").GetString()!, item.GetProperty("value").GetString()!))
            : [];
        return Shown(subtype is null ? type! : $"{type}/{subtype}", attributes);
    }

    private static string Shown(string type, IEnumerable<(string Name, string Value)> parameters) =>
        type + string.Concat(parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal).Select(parameter => $"; {parameter.Name}={Quote(parameter.Value)}"));

    private static string? IdOrText(HeaderField field) =>
        field.IsNamed("Message-ID") || field.IsNamed("Content-ID") ? string.Join(' ', field.MessageIds)
        : field.IsNamed("Return-Path") ? (field.Addresses is [var path, ..] ? path.Address : null)
        : field.Text;

    private static string Mailbox(JsonElement mailbox) =>
        $"{mailbox.GetProperty("name").GetString()} <{mailbox.GetProperty("address").GetString()}>";

    public static string Quote(string? text) => JsonSerializer.Serialize(text, Readable);
}
