using System.Text.Json;
using System.Text.Json.Serialization;
using Belljar.Hosting;

namespace Belljar.Secrets;

/// <summary>
/// Findings that are known. An entry holds rule, path and 24 bits of a hash: it survives moves within the file, and the file
/// may be committed.
/// </summary>
internal sealed class Baseline
{
    private const int WrongFile = 2;

    private readonly HashSet<BaselineEntry> _entries;

    private Baseline(IEnumerable<BaselineEntry> entries) => _entries = [.. entries];

    public static Baseline Read(string? path)
    {
        if (path is null)
        {
            return new Baseline([]);
        }

        try
        {
            return new Baseline(JsonSerializer.Deserialize(File.ReadAllBytes(path), SecretsJson.Default.BaselineEntryArray) ?? []);
        }
        catch (JsonException malformed)
        {
            throw new OperatorException($"{path} is no baseline: {malformed.Message}", WrongFile);
        }
    }

    public static void Write(string path, IEnumerable<LocatedFinding> findings) =>
        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(findings.Select(Entry).Distinct().ToArray(), SecretsJson.Default.BaselineEntryArray));

    public bool Covers(LocatedFinding found) => _entries.Contains(Entry(found));

    private static BaselineEntry Entry(LocatedFinding found) => new(found.Finding.RuleId, found.Path, found.Finding.Tag.ToString("x6"));
}

internal sealed record BaselineEntry(string Rule, string Path, string Tag);

/// <summary>One element of <c>secrets scan --json</c>.</summary>
internal sealed record SecretRow(
    string Rule, string? Service, string Kind, string Path, string? Commit, long Line, int Column, long Offset, int Length, string? Encoding, string Sample, string Tag);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(BaselineEntry[]))]
[JsonSerializable(typeof(SecretRow[]))]
internal sealed partial class SecretsJson : JsonSerializerContext;
