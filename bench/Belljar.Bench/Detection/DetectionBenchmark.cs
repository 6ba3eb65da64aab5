using System.Diagnostics;
using Belljar.Detection;
using Belljar.Detection.Prefilter;
using Belljar.Detection.Rules;
using Belljar.Detection.Scanning;

namespace Belljar.Bench.Detection;

/// <summary>
/// The scanner over real trees: keywords alone, everything, and what a clean stream allocates. Trees of one's own are named
/// in BELLJAR_BENCH_TREES, divided by colons.
/// </summary>
internal sealed class DetectionBenchmark : IBenchmark
{
    private const int MostBytes = 128 << 20;

    private static readonly string[] Trees = ["/usr/share/doc", "/usr/lib/python3.11", "/usr/lib/node_modules", "/usr/include"];

    public string Name => "detection";

    public string Summary => "secrets: prefilter GB/s and pipeline MB/s on real trees, beside ripgrep and secretlint";

    public async Task RunAsync(CancellationToken ct)
    {
        var rules = RuleSet.Compile(OwnRules.File);
        var plain = WithoutDecoding();
        var builder = new RuleSetBuilder();
        builder.Add(OwnRules.File);
        Console.WriteLine($"  {rules.Rules.Count} rules, {rules.Literals.Count} literals, {rules.Unfiltered.Length} rules without one");
        var trees = Environment.GetEnvironmentVariable("BELLJAR_BENCH_TREES") is { Length: > 0 } named ? named.Split(':') : Trees;
        foreach (var tree in trees.Where(Directory.Exists))
        {
            ct.ThrowIfCancellationRequested();
            var files = Read(tree);
            var bytes = files.Sum(file => (long)file.Length);
            Console.WriteLine($"  {tree}: {files.Count} files, {bytes / 1e6:0} MB");
            Measure("prefilter alone", bytes, () => Prefilter(rules, files));
            Measure("all rules, no decoding", bytes, () => Scan(plain, files));
            Measure("whole pipeline", bytes, () => Scan(rules, files));
            await Peers.RunAsync(tree, bytes, [.. builder.Literals.Select(literal => System.Text.Encoding.UTF8.GetString(literal.Bytes))], ct);
        }

        Base64(rules);
        Allocations(rules);
        WorstCases.Measure(rules);
    }

    private static RuleSet WithoutDecoding() =>
        RuleSet.TryCompile(OwnRules.File, [], out var rules, out _, ScanLimits.Default with { Depth = 0 }) ? rules : throw new InvalidOperationException();

    private static void Base64(RuleSet rules)
    {
        var random = new Random(1);
        var plain = new byte[24 << 20];
        random.NextBytes(plain);
        var text = System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(plain));
        Measure("base64 of random bytes, one line", text.Length, () => Scan(rules, [text]));
        var lines = System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(plain, Base64FormattingOptions.InsertLineBreaks));
        Measure("base64 of random bytes, in lines", lines.Length, () => Scan(rules, [lines]));
        var readable = System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("some readable text of a log line, 12:34:56\n", 400_000)))));
        Measure("base64 of text", readable.Length, () => Scan(rules, [readable]));
    }

    private static void Allocations(RuleSet rules)
    {
        var piece = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("A line of a clean file; nothing = in(it) that + matters %41 &amp; \\u0041.\n", 900)));
        using var scanner = new Scanner(rules);
        for (var i = 0; i < 64; i++)
        {
            scanner.Push(piece);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var pushed = scanner.Pushed;
        for (var i = 0; i < 256; i++)
        {
            scanner.Push(piece);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Console.WriteLine($"  allocated for each clean MiB: {allocated / ((scanner.Pushed - pushed) / 1048576.0):0} bytes");
    }

    private static long Prefilter(RuleSet rules, List<byte[]> files)
    {
        var hits = new HitList();
        var found = 0L;
        foreach (var file in files)
        {
            for (var from = 0; from < file.Length; from += 32 * 1024)
            {
                hits.Clear();
                rules.Literals.Search(file, from, Math.Min(file.Length, from + (32 * 1024)), hits);
                found += hits.Count;
            }
        }

        return found;
    }

    private static long Scan(RuleSet rules, List<byte[]> files)
    {
        var found = 0L;
        foreach (var file in files)
        {
            found += rules.Scan(file).Count;
        }

        return found;
    }

    private static List<byte[]> Read(string tree)
    {
        var files = new List<byte[]>();
        var total = 0L;
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        foreach (var path in Directory.EnumerateFiles(tree, "*", options).Order(StringComparer.Ordinal))
        {
            if (total > MostBytes)
            {
                break;
            }

            var bytes = File.ReadAllBytes(path);
            total += bytes.Length;
            files.Add(bytes);
        }

        return files;
    }

    /// <summary>One run to warm up, five that count: the best in processor time, as others may share the machine.</summary>
    private static void Measure(string what, long bytes, Func<long> work)
    {
        using var self = Process.GetCurrentProcess();
        work();
        var (best, wall) = (double.MaxValue, double.MaxValue);
        var found = 0L;
        for (var run = 0; run < 5; run++)
        {
            self.Refresh();
            var (start, used) = (Stopwatch.GetTimestamp(), self.TotalProcessorTime);
            found = work();
            wall = Math.Min(wall, Stopwatch.GetElapsedTime(start).TotalSeconds);
            self.Refresh();
            best = Math.Min(best, (self.TotalProcessorTime - used).TotalSeconds);
        }

        Console.WriteLine($"    {what,-34} {bytes / best / 1e6,8:0} MB/s of processor time   {bytes / wall / 1e6,8:0} MB/s by the clock   {found,9} found");
    }
}
