namespace Belljar.Bench.Precision;

/// <summary>
/// <c>triage.tsv</c>: package, path, line, rule, hash of the redacted sample, verdict, one word why. <c>true</c>: a secret, or
/// where documentation shows one a value in whole that no scanner can tell from one (why: <c>documentation</c>);
/// <c>fixture</c>: whatever is found in tests, benchmarks and their data; <c>false</c>: no secret.
/// </summary>
internal sealed class Triage
{
    public const string Documentation = "documentation";

    private readonly Dictionary<string, (string Verdict, string Why)> _verdicts = [];

    public int Count => _verdicts.Count;

    public static Triage Read()
    {
        var triage = new Triage();
        foreach (var line in File.ReadLines(Path.Combine(DebianSources.Here, "triage.tsv")))
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var fields = line.Split('\t');
            if (fields.Length != 7 || fields[5] is not ("true" or "fixture" or "false"))
            {
                throw new InvalidDataException($"triage.tsv: package, path, line, rule, hash, verdict, why; not: {line}");
            }

            triage._verdicts[string.Join('\t', fields[..5])] = (fields[5], fields[6]);
        }

        return triage;
    }

    public string? VerdictOf(PlacedFinding finding) => _verdicts.TryGetValue(finding.Key, out var judged) ? judged.Verdict : null;

    public bool IsDocumentation(PlacedFinding finding) => _verdicts.TryGetValue(finding.Key, out var judged) && judged.Why == Documentation;
}
