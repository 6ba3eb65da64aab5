using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Belljar.Detection;
using Belljar.Detection.Rules;

namespace Belljar.Bench.Precision;

/// <summary>
/// Scans named Debian source packages with our own rules and holds every finding against <c>triage.tsv</c>, where a person
/// has said of each whether it is a secret. What is not there is printed for triage, redacted, and counts as false.
/// </summary>
internal sealed class PrecisionBenchmark : IBenchmark
{
    private const double MostFalsePerHundredMegabytes = 1;
    private const int LargestFile = 64 << 20;

    public string Name => "precision";

    public string Summary => "own rules over named Debian source packages: false findings for each 100 MB";

    public async Task RunAsync(CancellationToken ct)
    {
        var triage = Triage.Read();
        var rules = RuleSet.Compile(OwnRules.File);
        var found = new HashSet<PlacedFinding>();
        foreach (var list in DebianSources.Lists)
        {
            found.UnionWith(await JudgeAsync(list, triage, rules, ct));
        }

        Console.WriteLine($"  triaged but no longer found, or in a package that could not be had: {triage.Count - found.Count(finding => triage.VerdictOf(finding) is not null)}");
    }

    private static async Task<PlacedFinding[]> JudgeAsync(string list, Triage triage, RuleSet rules, CancellationToken ct)
    {
        Console.WriteLine($"  {list}");
        var packages = await new DebianSources(Console.WriteLine).UnpackAsync(list, ct);
        var clock = Stopwatch.StartNew();
        var bytes = 0L;
        var files = 0;
        var found = new ConcurrentBag<PlacedFinding>();
        foreach (var package in packages)
        {
            var options = new ParallelOptions { CancellationToken = ct, MaxDegreeOfParallelism = Environment.ProcessorCount };
            Parallel.ForEach(FilesBelow(package.Folder), options, file =>
            {
                var content = File.ReadAllBytes(file);
                Interlocked.Add(ref bytes, content.Length);
                Interlocked.Increment(ref files);
                foreach (var finding in rules.Scan(content))
                {
                    var path = Path.GetRelativePath(package.Folder, file);
                    found.Add(new PlacedFinding(package.Name, path, finding.Line, finding.RuleId, HashOf(finding.Sample)));
                }
            });
        }

        PlacedFinding[] findings = [.. found.Distinct().Order(PlacedFinding.ByPlace)];
        Report(triage, findings, bytes, files, clock.Elapsed);
        return findings;
    }

    private static IEnumerable<string> FilesBelow(string folder) =>
        Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true })
            .Where(static file => new FileInfo(file).Length is > 0 and <= LargestFile);

    private static void Report(Triage triage, PlacedFinding[] findings, long bytes, int files, TimeSpan elapsed)
    {
        var verdicts = new Dictionary<string, int> { ["true"] = 0, ["fixture"] = 0, ["false"] = 0, ["untriaged"] = 0 };
        foreach (var finding in findings)
        {
            var verdict = triage.VerdictOf(finding) ?? "untriaged";
            verdicts[verdict]++;
            if (verdict is "untriaged" or "false")
            {
                Console.WriteLine($"  {verdict,-10} {finding}");
            }
        }

        var megabytes = bytes / 1e6;
        var wrong = verdicts["false"] + verdicts["untriaged"];
        Console.WriteLine($"  {megabytes:0} MB in {files} files, {findings.Length} findings in {elapsed.TotalSeconds:0} s ({megabytes / elapsed.TotalSeconds:0} MB/s)");
        Console.WriteLine($"  {string.Join(", ", verdicts.Select(pair => $"{pair.Value} {pair.Key}"))} (of the true, {findings.Count(triage.IsDocumentation)} are documentation's examples)");
        Console.WriteLine($"  {wrong * 100 / megabytes:0.00} false for each 100 MB; the bound is {MostFalsePerHundredMegabytes}: {(wrong * 100 <= megabytes * MostFalsePerHundredMegabytes ? "kept" : "BROKEN")}");
    }

    private static string HashOf(string sample) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sample)).AsSpan(0, 6));
}
