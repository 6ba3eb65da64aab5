using System.Text;
using Belljar.Detection.Rules;

namespace Belljar.Detection.Tests.Rules;

public class RuleFileTests
{
    [Theory]
    [InlineData("[[rules]]\nregex = 'a'", "a rule needs an id")]
    [InlineData("[[rules]]\nid = 'a'\nregex = 'a'\n[[rules]]\nid = 'a'\nregex = 'b'", "stands here twice")]
    [InlineData("[[rules]]\nid = 'a'\nregex = 'a'\nvalidator = 'nope'", "there is no validator 'nope'")]
    [InlineData("[[rules]]\nid = 'a'\nregex = 5", "regex is a string")]
    [InlineData("[[rules]]\nid = 'a'\nregex = 'a'\nentropy = 'high'", "entropy is a number")]
    [InlineData("[[allowlists]]\ncondition = 'maybe'", "condition is OR or AND")]
    [InlineData("rules = 5", "rules is a list of tables")]
    [InlineData("[[rules", "line 1")]
    public void Read_OfAMistake_NamesIt(string toml, string message)
    {
        Assert.False(RuleFile.TryParse(Encoding.UTF8.GetBytes(toml), out _, out var errors));
        Assert.Contains(message, Assert.Single(errors).ToString());
    }

    [Theory]
    [InlineData("[[rules]]\nid = 'a'\nregex = '(?=a)'", "RE2")]
    [InlineData("[[rules]]\nid = 'a'\nregex = 'abc'\nsecretGroup = 2", "no group 2")]
    [InlineData("[[rules]]\nid = 'a'", "a regex or a path")]
    [InlineData("[[rules]]\nid = 'a'\nregex = 'abc'\n[[rules.required]]\nid = 'b'", "'b' is not there")]
    public void Compile_OfARuleThatCannotWork_NamesIt(string toml, string message)
    {
        Assert.False(RuleSet.TryCompile(TestRules.Read(toml), [], out _, out var errors));
        Assert.Contains(message, Assert.Single(errors));
    }

    [Theory]
    [InlineData("key-1234567890", 1)]
    [InlineData("KEY-1234567890", 0)] // The keyword is compared without case, the regex as it says.
    [InlineData("key-1111111111", 0)] // Entropy.
    public void KeywordAndEntropy_AreHonoured(string text, int found) =>
        Assert.Equal(found, Scan("[[rules]]\nid = 'a'\nregex = 'key-[0-9]{10}'\nkeywords = ['KEY-']\nentropy = 2", text));

    [Theory]
    [InlineData("secret", "regexes = ['^v[0-9]+$']", 0)]
    [InlineData("match", "regexes = ['^key=v']", 0)]
    [InlineData("line", "regexes = ['# test']", 0)]
    [InlineData("secret", "regexes = ['# test']", 1)]
    [InlineData("secret", "stopwords = ['V12']", 0)]
    [InlineData("secret", "paths = ['\\.md$']", 0)]
    [InlineData("secret", "paths = ['\\.py$']", 1)]
    [InlineData("secret", "commits = ['abc123']", 0)]
    [InlineData("secret", "condition = 'AND'\nstopwords = ['v12']\npaths = ['\\.md$']", 0)]
    [InlineData("secret", "condition = 'AND'\nstopwords = ['v12']\npaths = ['\\.py$']", 1)]
    public void Allowlist_CoversWhatItSays(string target, string criteria, int found)
    {
        const string Rule = "[[rules]]\nid = 'a'\nregex = 'key=(v[0-9]{6})'\n";
        foreach (var list in new[] { "[[rules.allowlists]]", "[rules.allowlist]", "[[allowlists]]", "[allowlist]" })
        {
            var set = RuleSet.Compile(TestRules.Read($"{Rule}{list}\nregexTarget = '{target}'\n{criteria}"));
            using var scanner = new Scanner(set, "docs/a.md", "abc123");
            scanner.Push("first line\nkey=v123456 # test\n"u8);
            scanner.Complete();

            Assert.Equal(found, scanner.Findings.Count);
        }
    }

    [Fact]
    public void GlobalAllowlist_WithTargetRules_ConcernsThoseAlone()
    {
        const string Toml = "[[rules]]\nid = 'a'\nregex = 'aaa[0-9]+'\n[[rules]]\nid = 'b'\nregex = 'bbb[0-9]+'\n[[allowlists]]\ntargetRules = ['a']\nregexes = ['1']";

        Assert.Equal("b", Assert.Single(RuleSet.Compile(TestRules.Read(Toml)).Scan("aaa1 bbb1"u8)).RuleId);
    }

    [Theory]
    [InlineData("id: abcd\n\nkey=v123456", 1)]
    [InlineData("id: abcd\n\n\n\nkey=v123456", 0)]
    [InlineData("key=v123456\nid: abcd", 1)]
    [InlineData("key=v123456", 0)]
    [InlineData("id: abcd                                   key=v123456", 0)]
    public void Required_AsksForAnotherRuleNearby(string text, int found) =>
        Assert.Equal(found, Scan(
            """
            [[rules]]
            id = "pair"
            regex = 'key=(v[0-9]{6})'
            [[rules.required]]
            id = "half"
            withinLines = 2
            withinColumns = 10
            [[rules]]
            id = "half"
            regex = 'id: [a-z]{4}'
            skipReport = true
            """,
            text));

    [Fact]
    public void Path_LimitsTheRule_OrIsAllOfIt()
    {
        var set = RuleSet.Compile(TestRules.Read("[[rules]]\nid = 'a'\nregex = 'key=[0-9]{4}'\npath = '\\.env$'\n[[rules]]\nid = 'file'\npath = '\\.p12$'"));

        Assert.Single(set.Scan("key=1234"u8, "x/.env"));
        Assert.Empty(set.Scan("key=1234"u8, "x/a.txt"));
        Assert.Equal("file", Assert.Single(set.Scan("anything"u8, "cert.p12")).RuleId);
    }

    [Fact]
    public void Extend_MergesFieldByField()
    {
        var files = new Dictionary<string, RuleFile>
        {
            ["base.toml"] = TestRules.Read("[[rules]]\nid = 'a'\nregex = 'aaa[0-9]+'\nkeywords = ['aaa']\n[[rules]]\nid = 'gone'\nregex = 'ggg'"),
        };
        var top = TestRules.Read("[extend]\npath = 'base.toml'\ndisabledRules = ['gone']\n[[rules]]\nid = 'a'\n[[rules.allowlists]]\nregexes = ['1$']\n[[rules]]\nid = 'b'\nregex = 'bbb'");

        var merged = RuleFileExtender.Resolve(top, name => files[name]);

        Assert.Equal(["a", "b"], merged.Rules.Select(rule => rule.Id));
        Assert.Equal("aaa2", Found(merged, "aaa1 ggg aaa2"));
        Assert.Throws<InvalidDataException>(() => RuleFileExtender.Resolve(top, _ => top));
    }

    [Fact]
    public void OwnRules_Compile()
    {
        Assert.True(RuleSet.TryCompile(OwnRules.File, [], out _, out var errors), string.Join("; ", errors));
    }

    private static string Found(RuleFile file, string text) =>
        string.Join(' ', RuleSet.Compile(file).Scan(Encoding.UTF8.GetBytes(text)).Select(finding => text.Substring((int)finding.Offset, finding.Length)));

    private static int Scan(string toml, string text) => RuleSet.Compile(TestRules.Read(toml)).Scan(Encoding.UTF8.GetBytes(text)).Count;
}
