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
        var sources = new DebianSources(Console.WriteLine);
        var rules = RuleSet.Compile(OwnRules.File);
        var clock = Stopwatch.StartNew();
        var bytes = 0L;
        var files = 0;
        var found = new ConcurrentBag<PlacedFinding>();
        foreach (var package in await sources.UnpackAsync(ct))
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

        Report(triage, [.. found.Distinct().Order(PlacedFinding.ByPlace)], bytes, files, clock.Elapsed);
    }

    private static IEnumerable<string> FilesBelow(string folder) =>
        Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true })
            .Where(static file => new FileInfo(file).Length is > 0 and <= LargestFile);

    private static void Report(Triage triage, IReadOnlyList<PlacedFinding> findings, long bytes, int files, TimeSpan elapsed)
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
        Console.WriteLine($"  {megabytes:0} MB in {files} files, {findings.Count} findings in {elapsed.TotalSeconds:0} s ({megabytes / elapsed.TotalSeconds:0} MB/s, unpacking included)");
        Console.WriteLine($"  {string.Join(", ", verdicts.Select(pair => $"{pair.Value} {pair.Key}"))} (of the true, {findings.Count(triage.IsDocumentation)} are documentation's examples); triaged but no longer found: {triage.Count - findings.Count(finding => triage.VerdictOf(finding) is not null)}");
        Console.WriteLine($"  {wrong * 100 / megabytes:0.00} false for each 100 MB; the bound is {MostFalsePerHundredMegabytes}: {(wrong * 100 <= megabytes * MostFalsePerHundredMegabytes ? "kept" : "BROKEN")}");
    }

    private static string HashOf(string sample) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sample)).AsSpan(0, 6));
}
