using System.Text;

namespace Belljar.Detection.Tests.Scanning;

public class ScannerTests
{
    [Fact]
    public void Scan_FindsARulesSecret_WithItsPlace()
    {
        var text = $"line one\n  token: {TestRules.ForgeToken}\n";

        var finding = Assert.Single(TestRules.Scan(text));

        Assert.Equal("forge-token", finding.RuleId);
        Assert.Equal(text.IndexOf("ghp_", StringComparison.Ordinal), finding.Offset);
        Assert.Equal(TestRules.ForgeToken.Length, finding.Length);
        Assert.Equal((2, 10), (finding.Line, finding.Column));
        Assert.Equal("ghp_…Lq17", finding.Sample);
        Assert.Equal("", finding.Encoding);
    }

    [Theory]
    [InlineData("token: ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18")] // The checksum is wrong.
    [InlineData("x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")]
    [InlineData("AKIAQYLPMN5HFIQR7XYAB")]
    [InlineData("api_key = \"aaaaaaaaaaaaaaaaaaaaaaaa\"")] // No entropy.
    [InlineData("api_key = \"exampleV4lu3Zx9Qw7Er5Ty1Ui\"")] // A stop word.
    [InlineData("4111 1111 1111 1112")]
    [InlineData("")]
    public void Scan_OfWhatOnlyLooksLikeIt_FindsNothing(string text) => Assert.Empty(TestRules.Scan(text));

    [Theory]
    [InlineData("my_api_key = \"s3cr3tV4lu3Zx9Qw7Er5Ty1Ui\"", "generic-assignment")]
    [InlineData("AKIAQYLPMN5HFIQR7XYA", "cloud-key")]
    [InlineData("card 4111 1111 1111 1111.", "card")]
    [InlineData("secret: AKIAQYLPMN5HFIQR7XYA", "cloud-key")] // The generic rule yields.
    public void Scan_FindsWhatTheRuleIsFor(string text, string rule) => Assert.Equal(rule, Assert.Single(TestRules.Scan(text)).RuleId);

    [Fact]
    public void Scan_FindsExactValues_AndShowsNothingOfThem()
    {
        var set = RuleSet.Compile(
            TestRules.File,
            new ExactValue("canary-7", Encoding.UTF8.GetBytes("correct-horse-9"), FindingKind.Planted),
            new ExactValue("env:DB_PASS", Encoding.UTF8.GetBytes("hunter2hunter2"), FindingKind.Known));

        var findings = set.Scan("a correct-horse-9 and hunter2hunter2, not Correct-Horse-9"u8);

        Assert.Equal([FindingKind.Planted, FindingKind.Known], findings.Select(finding => finding.Kind));
        Assert.All(findings, finding => Assert.Equal("…", finding.Sample));
        Assert.Equal([2, 22], findings.Select(finding => finding.Offset));
    }

    [Fact]
    public void Finding_HoldsNothingOfTheSecretButItsEnds()
    {
        var finding = Assert.Single(TestRules.Scan(TestRules.ForgeToken));

        Assert.DoesNotContain(TestRules.ForgeToken[4..^4], finding.ToString());
    }

    [Fact]
    public void JudgedThrough_StaysWithinTheHoldBack()
    {
        using var scanner = new Scanner(TestRules.Set);
        var piece = new byte[10_000];
        for (var i = 0; i < 100; i++)
        {
            scanner.Push(piece);
            Assert.InRange(scanner.Pushed - scanner.JudgedThrough, 0, Scanner.HoldBack);
        }

        scanner.Complete();

        Assert.Equal(scanner.Pushed, scanner.JudgedThrough);
        Assert.True(Scanner.HoldBack <= 64 * 1024);
    }
}
