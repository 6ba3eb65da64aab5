using System.Diagnostics;
using Belljar.Sandboxes.Processes;

namespace Belljar.Bench.Detection;

/// <summary>Other programs over the same tree: what they take from start to end, files and all.</summary>
internal static class Peers
{
    public static async Task RunAsync(string tree, long bytes, string[] keywords, CancellationToken ct)
    {
        if (ProgramPath.Find("rg", ProgramPath.Default) is not null)
        {
            var list = Path.GetTempFileName();
            await File.WriteAllLinesAsync(list, keywords.Where(keyword => keyword.Length > 0), ct);
            await TimeAsync("ripgrep -F, same keywords, -j1", bytes, ct, "rg", "-F", "-i", "-c", "-j1", "--no-ignore", "--hidden", "-a", "-f", list, tree);
            File.Delete(list);
        }

        if (Environment.GetEnvironmentVariable("BELLJAR_BENCH_SECRETLINT") is { Length: > 0 } folder)
        {
            // A folder as README.md has it made.
            await TimeAsync("secretlint", bytes, ct, Path.Combine(folder, "node_modules/.bin/secretlint"), "--secretlintrc", Path.Combine(folder, ".secretlintrc.json"), "--format", "json", "--output", "/dev/null", $"{tree}/**/*");
        }
    }

    private static async Task TimeAsync(string what, long bytes, CancellationToken ct, params string[] command)
    {
        var start = Stopwatch.GetTimestamp();
        var result = await ChildProcess.RunAsync(
            new ChildSpec(command) { Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default, ["HOME"] = Path.GetTempPath() } },
            new RunLimits { Timeout = TimeSpan.FromMinutes(5) },
            ct);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(result.TimedOut
            ? $"    {what,-34} not done in five minutes"
            : $"    {what,-34} {bytes / seconds / 1e6,8:0} MB/s   exit {result.ExitCode}");
    }
}
