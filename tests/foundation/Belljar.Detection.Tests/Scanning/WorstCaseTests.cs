using System.IO.Compression;
using System.Text;
using Belljar.Testing;

namespace Belljar.Detection.Tests.Scanning;

/// <summary>Input that was made to cost much: what it costs is counted, not timed.</summary>
public class WorstCaseTests
{
    private static readonly long LineLength = TestScale.IsAll ? 1L << 30 : 64L << 20;

    private static readonly int FloodLength = TestScale.IsAll ? 32 << 20 : 400_000;

    public static TheoryData<string> Floods => ["-----BEGIN ", "api_key = ", "apisecretpassword", "ghp_", "password=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaa\" ", "AKIA", "4111 "];

    public static TheoryData<string> Nests => ["%25", "&amp;", "\\u005c", "\\\\", "=3D", "QUFB", "4141", "a=b&", "\u200b", "\0a"];

    [Theory]
    [MemberData(nameof(Floods))]
    public void FloodOfKeywords_CostsEachRuleEachByteAFewTimes(string keyword)
    {
        var content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(keyword, FloodLength / keyword.Length)));
        var set = RuleSet.Compile(TestRules.File);

        set.Scan(content);

        // Each rule looks at each byte once as a beginning, and a match is followed for at most MaxSecretLength.
        var scan = set.Rent();
        Assert.InRange(scan.Steps, 0, 40L * set.Rules.Count * content.Length);
    }

    [Theory]
    [MemberData(nameof(Nests))]
    public void EncodingsInsideOneAnother_CostNoMoreThanTheBudget(string piece)
    {
        var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, FloodLength / piece.Length)));
        using var scanner = new Scanner(TestRules.Set);

        scanner.Push(content);
        scanner.Complete();

        Assert.InRange(scanner.DecodedBytes, 0, 64L * content.Length);
    }

    /// <summary>Patterns on which a backtracking engine takes longer than anybody lives, and what they choke on.</summary>
    public static TheoryData<string, string> Bait => new()
    {
        { "(a+)+b", "aaaa" },
        { "(?:a|aa)+$", "aaaa" },
        { "(a*)*c", "aaaa" },
        { "(?:a?){30}a{30}b", "aaaa" },
        { "^(?:.*a){20}z", "aaaa" },
        { "key(?:\\w+\\s?)*!", "key words " },
        { "-----BEGIN[\\s\\S]{64,}?-----END", "-----BEGIN " },
        { "(x+x+)+y", "xxxx" },
    };

    [Theory]
    [MemberData(nameof(Bait))]
    public void RegexThatBacktracks_LooksAtEachByteAFewTimes(string regex, string bait)
    {
        var set = RuleSet.Compile(TestRules.Read($"[[rules]]\nid = 'bait'\nregex = \'\'\'{regex}\'\'\'\nkeywords = ['{bait[..4]}']\n"));
        var content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(bait, FloodLength / bait.Length)));

        set.Scan(content);

        Assert.InRange(set.Rent().Steps, 0, 40L * content.Length);
    }

    public static TheoryData<string> Bombs => ["gzip", "zstd", "gzip in base64", "zlib in base64", "brotli in base64", "zstd in base64"];

    [Theory]
    [MemberData(nameof(Bombs))]
    public void Bomb_IsCutOff_AndSaidSo(string encoding)
    {
        var limits = ScanLimits.Default with { MostInflated = 1 << 20 };
        Assert.True(RuleSet.TryCompile(TestRules.File, [], out var set, out _, limits));
        using var scanner = new Scanner(set);

        // Letters: what has no magic number is believed when it becomes text.
        scanner.Push(EncodedAs.All[encoding](EncodedAs.Text($"{TestRules.Assigned}{new string('a', 5 << 20)}")));
        scanner.Complete();

        Assert.Equal("compressed data becomes larger than allowed", scanner.Incomplete);
        // It may be come upon in more than one way.
        Assert.InRange(scanner.DecodedBytes, 0, 4 << 20);
    }

    /// <summary>Who asks for more memory than is given is not passed over in silence.</summary>
    [Fact]
    public void ZstdWindow_BeyondTheBound_IsSaid()
    {
        using var scanner = new Scanner(TestRules.Set);

        scanner.Push([.. "text "u8, 0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x01, 0x00, 0x00]);
        scanner.Complete();

        Assert.Contains("window", scanner.Incomplete, StringComparison.Ordinal);
    }

    [Fact]
    public void OneEndlessLine_TakesNoMoreMemoryThanAShortOne()
    {
        var piece = new byte[1 << 20];
        new Random(2).NextBytes(piece);
        for (var i = 0; i < piece.Length; i++)
        {
            piece[i] = (byte)(' ' + 1 + (piece[i] % 64));
        }

        // A rule set of its own: automata that another test has used would be warm or cold by chance.
        using var scanner = new Scanner(RuleSet.Compile(TestRules.File));
        for (var pushed = 0L; pushed < LineLength; pushed += piece.Length)
        {
            scanner.Push(piece);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        scanner.Push(piece);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024);
        Assert.InRange(scanner.Pushed - scanner.JudgedThrough, 0, Scanner.HoldBack);
    }

    [Fact]
    public void CleanText_AllocatesNothing()
    {
        var piece = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("A line of a clean file; nothing = in(it) that + matters %41 &amp; \\u0041.\n", 14_000)));
        using var scanner = new Scanner(RuleSet.Compile(TestRules.File));
        for (var i = 0; i < 8; i++)
        {
            scanner.Push(piece);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 8; i++)
        {
            scanner.Push(piece);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void AnyBytes_AreScannedWithoutAnException()
    {
        var samples = EncodedAs.All.Values.Select(encode => encode(EncodedAs.Text($"key {TestRules.ForgeToken} end"))).ToArray();
        byte[][] words = ["%25"u8.ToArray(), "&#x"u8.ToArray(), "\\u{"u8.ToArray(), "=\r\n"u8.ToArray(), "-----BEGIN "u8.ToArray(), [0x1f, 0x8b, 8], [0x28, 0xb5, 0x2f, 0xfd], "&a="u8.ToArray(), [0], "ghp_"u8.ToArray(), "H4sI"u8.ToArray()];

        Assert.True(Fuzz.Run(samples, words, bytes => TestRules.Set.Scan(bytes)) > 0);
    }
}
