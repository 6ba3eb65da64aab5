using System.Text;
using Belljar.Detection.Rules;

namespace Belljar.Detection.Tests.Scanning;

public class DecodingTests
{
    public static TheoryData<string> Encodings => [.. EncodedAs.All.Keys];

    public static TheoryData<string, string> Pairs => [.. EncodedAs.All.Keys.SelectMany(outer => EncodedAs.All.Keys.Where(inner => Carries(outer, inner)).Select(inner => (outer, inner)))];

    /// <summary>
    /// Compressed bytes are no text. Known gaps: UTF-16 is read where its letters are ASCII, so not with invisible characters
    /// or zeros among them; and compression without a magic number is recognised only where the encoded data begins. Another
    /// alignment of base64 than the first is tried where it gives ASCII.
    /// </summary>
    internal static bool Carries(string outer, string inner)
    {
        var isText = EncodedAs.OfText.Contains(outer);
        var isWide = outer.StartsWith("utf-16", StringComparison.Ordinal);
        return !(isText && inner is ("gzip" or "zstd"))
            && !(outer.StartsWith("base64 shifted", StringComparison.Ordinal) && inner is "zlib in base64" or "deflate in base64" or "brotli in base64")
            && !(outer == "base64 after a character of its alphabet" && inner is "zero-width spaces" or "soft hyphens")
            && !(isWide && (inner.StartsWith("utf-16", StringComparison.Ordinal) || inner is "zero-width spaces" or "soft hyphens"));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Secret_InEachEncoding_IsFoundWhereItStands(string encoding)
    {
        var encoded = EncodedAs.All[encoding](EncodedAs.Text(TestRules.ForgeToken));
        byte[] content = [.. "before it, "u8, .. encoded, .. " and after\n"u8];

        var finding = Assert.Single(TestRules.Set.Scan(content));

        Assert.Equal("forge-token", finding.RuleId);
        Assert.NotEmpty(finding.Encoding);
        Assert.InRange(finding.Offset, 11, 11 + 12);
        if (encoding is not ("gzip" or "zstd"))
        {
            // Where a compressed stream ends is not told; its finding covers all that may belong to it.
            Assert.InRange(finding.Offset + finding.Length, 11 + encoded.Length - 12, 11 + encoded.Length + 1);
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Secret_InOneEncodingInsideAnother_IsFound(string outer, string inner)
    {
        // A line of text: what the outer encoding cannot tell from binary data is tried by its own rules.
        var line = EncodedAs.All[inner](EncodedAs.Text($"token {TestRules.ForgeToken} end"));
        byte[] content = [.. "before it, "u8, .. EncodedAs.All[outer](line), .. " and after\n"u8];

        Assert.Contains(TestRules.Set.Scan(content), finding => finding.RuleId == "forge-token");
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void ShortKnownValue_InEachEncoding_IsFound(string encoding)
    {
        var set = RuleSet.Compile(new RuleFile(), new ExactValue("env:DB_PASS", "hunter2hunter2"u8.ToArray(), FindingKind.Known));
        byte[] content = [.. "before it, "u8, .. EncodedAs.All[encoding]("--- hunter2hunter2 ---"u8.ToArray()), .. " and after\n"u8];

        Assert.Contains(set.Scan(content), finding => finding.RuleId == "env:DB_PASS");
    }

    [Theory]
    [InlineData("hex")]
    [InlineData("base64")]
    [InlineData("base64 shifted by one")]
    [InlineData("base64 shifted by two")]
    [InlineData("percent")]
    [InlineData("utf-16le")]
    [InlineData("hex with colons")]
    public void ShortKnownValue_AloneInItsEncoding_IsFound(string encoding)
    {
        var set = RuleSet.Compile(new RuleFile(), new ExactValue("env:DB_PASS", "hunter2hunter2"u8.ToArray(), FindingKind.Known));

        Assert.Contains(set.Scan(EncodedAs.All[encoding]("hunter2hunter2"u8.ToArray())), finding => finding.RuleId == "env:DB_PASS");
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void Percent_IsUndoneAsOftenAsTheDepthAllows(int times, bool isFound)
    {
        var text = TestRules.ForgeToken.Replace("_", "%5F", StringComparison.Ordinal);
        for (var i = 1; i < times; i++)
        {
            text = text.Replace("%", "%25", StringComparison.Ordinal);
        }

        Assert.Equal(isFound, TestRules.Scan($"x {text} y").Count == 1);
    }

    [Fact]
    public void Encoding_NamesWhatWasUndone_OutermostFirst()
    {
        var inner = Convert.ToBase64String(Encoding.ASCII.GetBytes($"token={TestRules.ForgeToken}"));
        var finding = Assert.Single(TestRules.Scan($"q={string.Concat(inner.Select(c => $"%{(int)c:x2}"))}"));

        Assert.Equal("percent>base64", finding.Encoding);
    }

    [Theory]
    [InlineData("a={0}&b={1}", 2)]
    [InlineData("x=1&a={0}&b={1}&c={2}&y=2", 3)]
    [InlineData("POST /?a={0}&b={1}&c={2}&d={3}&e={4}&f={5}&g={6}&h={7} HTTP/1.1", 8)]
    public void Secret_CutUpIntoAdjacentParameters_IsFound(string form, int parts)
    {
        var size = (TestRules.ForgeToken.Length + parts - 1) / parts;
        var pieces = TestRules.ForgeToken.Chunk(size).Select(piece => (object)new string(piece)).ToArray();

        var finding = Assert.Single(TestRules.Scan(string.Format(System.Globalization.CultureInfo.InvariantCulture, form, pieces)));

        Assert.Equal("parameters", finding.Encoding);
    }

    [Fact]
    public void KeyOnOneLine_WithEscapedLineBreaks_IsFound()
    {
        var body = string.Join("\\n", Enumerable.Range(0, 12).Select(i => Convert.ToBase64String(Enumerable.Range(i * 7, 48).Select(value => (byte)value).ToArray())));

        var findings = TestRules.Scan($"{{\"key\": \"-----BEGIN PRIVATE KEY-----\\n{body}\\n-----END PRIVATE KEY-----\\n\"}}");

        Assert.Contains(findings, finding => finding.RuleId == "private-key");
    }

    [Fact]
    public void Secret_FoundPlainly_IsNotReportedAgainFromADecodedCopy()
    {
        var findings = TestRules.Scan($"%41%42%43 {TestRules.ForgeToken} \\u0041 &#65; {TestRules.ForgeToken}%41");

        Assert.Equal("", Assert.Single(findings, finding => finding.Offset < 20).Encoding);
        Assert.Equal(findings.Count, findings.Select(finding => finding.Offset).Distinct().Count());
    }

    [Fact]
    public void LongRunOfBase64_HidesNothingAnywhere()
    {
        var random = new Random(3);
        var plain = new byte[300_000];
        random.NextBytes(plain);
        var places = new[] { 0, 11_111, 24_550, 24_610, 98_000, 196_603, 299_900 };
        foreach (var place in places)
        {
            Encoding.ASCII.GetBytes($" {TestRules.ForgeToken} ").CopyTo(plain, place);
        }

        var findings = TestRules.Set.Scan(EncodedAs.Text(Convert.ToBase64String(plain)));

        Assert.Equal(places.Select(place => (place + 1) * 4L / 3), findings.Where(finding => finding.RuleId == "forge-token").Select(finding => finding.Offset).Order());
    }
}
