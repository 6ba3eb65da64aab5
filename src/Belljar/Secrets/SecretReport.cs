using System.Text.Json;
using Belljar.Detection;
using Belljar.Detection.Rules;
using Belljar.Terminals;

namespace Belljar.Secrets;

/// <summary>What a scan found, for people, scripts and code-scanning services. Samples are redacted already.</summary>
internal sealed class SecretReport(RuleSet rules, IReadOnlyList<LocatedFinding> findings, ScanResults results)
{
    private readonly Dictionary<string, Rule> _rules = rules.Rules.ToDictionary(rule => rule.Id);

    public IReadOnlyList<LocatedFinding> Findings => findings;

    public void WriteText(TextWriter output)
    {
        foreach (var found in findings)
        {
            var finding = found.Finding;
            var commit = found.Commit is null ? "" : $" {Terminal.Dim(found.Commit[..Math.Min(12, found.Commit.Length)])}";
            var encoding = finding.Encoding.Length == 0 ? "" : $" {Terminal.Dim($"({finding.Encoding})")}";
            output.WriteLine($"{Terminal.Safe(found.Path)}:{finding.Line}:{finding.Column}{commit} {Terminal.Red(finding.RuleId)} {Terminal.Safe(finding.Sample)}{encoding}");
        }

        var known = results.Findings.Count - findings.Count;
        output.WriteLine($"{Count(findings.Count, "finding")}{(known > 0 ? $" ({known} known)" : "")} in {Count(results.Scanned, results.What)}, {results.Bytes / 1e6:0.0} MB");
    }

    public void WriteJson(TextWriter output) => output.WriteLine(JsonText.Of(findings.Select(Row).ToArray(), SecretsJson.Default.SecretRowArray));

    public void WriteWarnings(TextWriter output)
    {
        foreach (var path in results.Unreadable)
        {
            output.WriteLine(Terminal.Yellow($"not read: {Terminal.Safe(path)}"));
        }

        foreach (var path in results.Incomplete)
        {
            output.WriteLine(Terminal.Yellow($"not all looked at: {Terminal.Safe(path)}"));
        }
    }

    /// <summary>OASIS SARIF 2.1.0, as far as viewers read it.</summary>
    public void WriteSarif(string path)
    {
        using var file = File.Create(path);
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
        json.WriteString("version", "2.1.0");
        json.WriteStartArray("runs");
        json.WriteStartObject();
        WriteTool(json);
        json.WriteStartArray("results");
        var ids = RuleIds();
        foreach (var found in findings)
        {
            WriteResult(json, found, ids.IndexOf(found.Finding.RuleId));
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteTool(Utf8JsonWriter json)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "belljar");
        json.WriteString("version", BelljarVersion.Text);
        json.WriteStartArray("rules");
        foreach (var id in RuleIds())
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteStartObject("shortDescription");
            json.WriteString("text", _rules.TryGetValue(id, out var rule) && rule.Description.Length > 0 ? rule.Description : id);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, LocatedFinding found, int ruleIndex)
    {
        var finding = found.Finding;
        json.WriteStartObject();
        json.WriteString("ruleId", finding.RuleId);
        json.WriteNumber("ruleIndex", ruleIndex);
        json.WriteString("level", "error");
        json.WriteStartObject("message");
        json.WriteString("text", $"{finding.RuleId}: {finding.Sample}{(finding.Encoding.Length == 0 ? "" : $" ({finding.Encoding})")}");
        json.WriteEndObject();
        json.WriteStartArray("locations");
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", string.Join('/', found.Path.Split('/').Select(Uri.EscapeDataString)));
        json.WriteEndObject();
        json.WriteStartObject("region");
        json.WriteNumber("startLine", finding.Line);
        json.WriteNumber("startColumn", finding.Column);
        json.WriteNumber("byteOffset", finding.Offset);
        json.WriteNumber("byteLength", finding.Length);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("partialFingerprints");
        json.WriteString("belljarTag/v1", $"{finding.RuleId}:{finding.Tag:x6}");
        json.WriteEndObject();
        if (found.Commit is not null)
        {
            json.WriteStartObject("properties");
            json.WriteString("commit", found.Commit);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private List<string> RuleIds() => [.. findings.Select(found => found.Finding.RuleId).Distinct()];

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private SecretRow Row(LocatedFinding found) => new(
        found.Finding.RuleId,
        _rules.GetValueOrDefault(found.Finding.RuleId)?.Service,
        found.Finding.Kind.ToString().ToLowerInvariant(),
        found.Path,
        found.Commit,
        found.Finding.Line,
        found.Finding.Column,
        found.Finding.Offset,
        found.Finding.Length,
        found.Finding.Encoding.Length == 0 ? null : found.Finding.Encoding,
        found.Finding.Sample,
        found.Finding.Tag.ToString("x6"));
}
