using System.Text;

namespace Belljar.Detection.Tests.Scanning;

public class ChunkingTests
{
    [Fact]
    public void EveryCutInTwo_FindsTheSame()
    {
        var content = Content(new Random(11), 2_000);
        var expected = TestRules.Summaries(TestRules.Set.Scan(content));
        Assert.True(expected.Length > 5);

        for (var cut = 0; cut <= content.Length; cut++)
        {
            Assert.Equal(expected, TestRules.Summaries(Pushed(content, [cut])));
        }
    }

    [Fact]
    public void ByteByByte_FindsTheSame()
    {
        var content = Content(new Random(12), 200_000);

        Assert.Equal(TestRules.Summaries(TestRules.Set.Scan(content)), TestRules.Summaries(Pushed(content, Enumerable.Range(1, content.Length - 1))));
    }

    [Fact]
    public void RandomCuts_FindTheSame()
    {
        for (var seed = 100; seed < 140; seed++)
        {
            var random = new Random(seed);
            var content = Content(random, random.Next(100_000));
            var cuts = Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(content.Length + 1)).Order().ToArray();

            Assert.Equal(TestRules.Summaries(TestRules.Set.Scan(content)), TestRules.Summaries(Pushed(content, cuts)));
        }
    }

    [Fact]
    public void Secret_AcrossEveryBlockBorder_IsFound()
    {
        for (var before = 0; before <= TestRules.ForgeToken.Length; before++)
        {
            var content = Encoding.ASCII.GetBytes(new string(' ', (32 * 1024) - before) + TestRules.ForgeToken + new string(' ', 50_000));

            var finding = Assert.Single(TestRules.Set.Scan(content));

            Assert.Equal((32 * 1024) - before, finding.Offset);
            Assert.Equal((1, finding.Offset + 1), (finding.Line, (long)finding.Column));
        }
    }

    [Fact]
    public void Finding_NeverBeginsBeforeWhatWasJudged()
    {
        var content = Content(new Random(13), 400_000);
        using var scanner = new Scanner(TestRules.Set);
        foreach (var piece in content.Chunk(997))
        {
            var (judged, known) = (scanner.JudgedThrough, scanner.Findings.Count);
            scanner.Push(piece);
            Assert.All(scanner.Findings.Skip(known), finding => Assert.True(finding.Offset >= judged));
        }
    }

    [Fact]
    public void ManyScanners_AtOnce_FindTheSame()
    {
        var contents = Enumerable.Range(0, 16).Select(seed => Content(new Random(seed), 60_000)).ToArray();
        var expected = contents.Select(content => TestRules.Summaries(TestRules.Set.Scan(content))).ToArray();

        var found = new string[contents.Length][];
        Parallel.For(0, contents.Length, i => found[i] = TestRules.Summaries(Pushed(contents[i], [7, 40_000])));

        Assert.Equal(expected, found);
    }

    /// <summary>Text with a secret here and there, plain or encoded.</summary>
    private static byte[] Content(Random random, int length)
    {
        using var content = new MemoryStream();
        var encodings = EncodedAs.All.Values.ToArray();
        while (content.Length < length)
        {
            content.Write(random.Next(12) switch
            {
                0 => Encoding.ASCII.GetBytes(TestRules.ForgeToken),
                1 => Encoding.ASCII.GetBytes($"api_key = \"{TestRules.Assigned}\""),
                2 => encodings[random.Next(encodings.Length)](Encoding.ASCII.GetBytes($"key {TestRules.CloudKey}.")),
                3 => Encoding.ASCII.GetBytes(Convert.ToBase64String(new byte[random.Next(400)].Select(_ => (byte)random.Next(256)).ToArray())),
                4 => "\n\n"u8.ToArray(),
                _ => Encoding.ASCII.GetBytes(" some words of a text, 12 %41 \\n &amp; and more=1&less=2 "),
            });
            content.WriteByte((byte)"\n "[random.Next(2)]);
        }

        return content.ToArray();
    }

    private static IReadOnlyList<Finding> Pushed(byte[] content, IEnumerable<int> cuts)
    {
        using var scanner = new Scanner(TestRules.Set);
        var from = 0;
        foreach (var cut in cuts.Append(content.Length))
        {
            scanner.Push(content.AsSpan(from, cut - from));
            from = cut;
        }

        scanner.Complete();
        return [.. scanner.Findings];
    }
}
