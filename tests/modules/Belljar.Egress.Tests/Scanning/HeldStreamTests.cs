using System.Text;
using Belljar.Detection;
using Belljar.Detection.Rules;
using Belljar.Egress.Policy;
using Belljar.Egress.Scanning;

namespace Belljar.Egress.Tests.Scanning;

public class HeldStreamTests
{
    private const string Secret = "tok_0123456789abcdef0123456789abcdef";

    private static readonly IContentScanner Rules = new RuleScanner(RuleSet.Compile(Parse("""
        [[rules]]
        id = "test-token"
        description = "a token of the tests"
        regex = '''tok_[0-9a-f]{32}'''
        keywords = ["tok_"]
        """)));

    private static readonly IContentScanner Values = new ExactValueScanner([(Egress.Scanning.FindingKind.Known, "KEY", Secret)]);

    public static TheoryData<bool, int> Cuts() => new() { { true, 1 }, { true, 1000 }, { true, 100_000 }, { false, 1 }, { false, 1000 }, { false, 100_000 } };

    [Theory]
    [MemberData(nameof(Cuts))]
    public void Deny_NothingOfAShortStreamPasses_OnceSomethingIsFound(bool byRule, int size)
    {
        var (passed, denied) = Run(byRule, RouteScan.Deny, $"before {Secret} after", size);

        Assert.Equal(("", true), (passed, denied));
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public void Redact_TheValueIsCovered_AndTheRestIsAsItWas(bool byRule, int size)
    {
        var text = $"{new string('a', 3000)} {Secret} {new string('b', 3000)}";

        var (passed, denied) = Run(byRule, RouteScan.Redact, text, size);

        Assert.False(denied);
        Assert.Equal(text.Replace(Secret, new string('*', Secret.Length)), passed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Deny_LateInALongStream_TheLastPartNeverPasses(bool byRule)
    {
        var text = new string('a', HeldStream.First * 2) + Secret;

        var (passed, denied) = Run(byRule, RouteScan.Deny, text, 10_000);

        Assert.True(denied);
        Assert.InRange(passed.Length, 1, text.Length - HeldStream.Tail);
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public void WithoutAFinding_EverythingPasses(bool byRule, int size)
    {
        var text = string.Concat(Enumerable.Range(0, 8000).Select(i => $"line {i}\n")) + Secret[..^1];

        Assert.Equal((text, false), Run(byRule, RouteScan.Deny, text, size));
    }

    private static (string Passed, bool IsDenied) Run(bool byRule, RouteScan mode, string text, int size)
    {
        using var held = new HeldStream(byRule ? Rules : Values, mode);
        var passed = new StringBuilder();
        foreach (var part in Encoding.ASCII.GetBytes(text).Chunk(size))
        {
            passed.Append(Encoding.ASCII.GetString(held.Append(part)));
        }

        passed.Append(Encoding.ASCII.GetString(held.End()));
        return (passed.ToString(), held.IsDenied);
    }

    private static RuleFile Parse(string toml)
    {
        Assert.True(RuleFile.TryParse(Encoding.UTF8.GetBytes(toml), out var file, out var errors), string.Join("; ", errors));
        return file;
    }
}
