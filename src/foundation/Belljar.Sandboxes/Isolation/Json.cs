using System.Text.Json.Nodes;

namespace Belljar.Sandboxes.Isolation;

internal static class Json
{
    public static JsonArray Array(IEnumerable<string> values) => [.. values.Select(value => (JsonNode)value)];
}
