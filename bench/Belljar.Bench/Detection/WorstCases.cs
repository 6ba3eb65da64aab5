using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Belljar.Detection;

namespace Belljar.Bench.Detection;

/// <summary>What was made to cost much, under all rules: how fast it goes, how much decoding it causes, what it leaves in memory.</summary>
internal static class WorstCases
{
    private const int Length = 8 << 20;
    private const long LineLength = 1L << 30;

    private static readonly (string What, string Piece)[] Floods =
    [
        ("keywords", "api_key = secret password ghp_ sk- AKIA token "),
        ("assignments that are no secrets", "password=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaa\" "),
        ("beginnings of keys that never end", "-----BEGIN RSA PRIVATE KEY-----\n"),
        ("numbers like cards", "4111 1111 1111 1112 card "),
        ("links without credentials", "https://a.b/c@d?e=f&g=h "),
        ("percent of percent", "%2525"),
        ("entities of entities", "&amp;amp;#38;"),
        ("base64 of base64", "UVVGQlFVRkI="),
        ("parameters", "a=b&"),
        ("zeros between letters", "\0a"),
        ("magic numbers", "\u001f\u008b\u0008(\u00b5/\u00fd"),
    ];

    public static void Measure(RuleSet rules)
    {
        Console.WriteLine("  worst cases, all rules, MB/s of processor time");
        foreach (var (what, piece) in Floods)
        {
            var bytes = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(piece, Length / piece.Length)));
            Measure(what, rules, [bytes], 1);
        }

        Measure("a gzip bomb (1 GiB in 1 MB)", rules, [Bomb()], 1);
        var line = new byte[1 << 20];
        new Random(2).NextBytes(line);
        foreach (ref var value in line.AsSpan())
        {
            value = (byte)('!' + (value % 94));
        }

        Measure("one line of 1 GiB", rules, [line], (int)(LineLength / line.Length));
    }

    private static void Measure(string what, RuleSet rules, byte[][] pieces, int times)
    {
        using var self = Process.GetCurrentProcess();
        using var scanner = new Scanner(rules);
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var used = self.TotalProcessorTime;
        for (var i = 0; i < times; i++)
        {
            foreach (var piece in pieces)
            {
                scanner.Push(piece);
            }
        }

        scanner.Complete();
        self.Refresh();
        var seconds = (self.TotalProcessorTime - used).TotalSeconds;
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine($"    {what,-34} {scanner.Pushed / seconds / 1e6,8:0.0} MB/s   decoded {(double)scanner.DecodedBytes / scanner.Pushed,6:0.0} bytes for each   {kept / 1024,6} KiB kept   {scanner.Findings.Count} found{(scanner.Incomplete is { } why ? $", {why}" : "")}");
    }

    private static byte[] Bomb()
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.SmallestSize))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 1024; i++)
            {
                gzip.Write(zeros);
            }
        }

        return output.ToArray();
    }
}
