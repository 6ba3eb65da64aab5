using System.Diagnostics.CodeAnalysis;

namespace Belljar.Testing;

/// <summary>
/// Counts that everybody who runs <c>./test</c> should see, also when all is well: the runner shows a test's own output only
/// when the test fails, but passes the console through.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "The console is the only way out of a test that passes.")]
public static class CorpusCount
{
    /// <summary><c>corpus spf: 203/203</c>.</summary>
    public static void Report(string corpus, int right, int total) => Console.Out.WriteLine($"corpus {corpus}: {right}/{total}");

    /// <summary><c>fuzz spf: 31415 inputs in 20 s, seed 1</c>.</summary>
    internal static void ReportFuzz(string target, long tried, TimeSpan time, int seed) =>
        Console.Out.WriteLine($"fuzz {target}: {tried} inputs in {time.TotalSeconds:0} s, seed {seed}");
}
