using System.Text;
using System.Text.RegularExpressions;
using Belljar.Detection.Patterns;

namespace Belljar.Detection.Tests.Patterns;

public class PatternTests
{
    [Theory]
    [InlineData("a|ab", "xab")]
    [InlineData("ab|a", "xab")]
    [InlineData("a*?b", "aaab")]
    [InlineData("(a+)(b+)?", "xxaab")]
    [InlineData("(?:(a)|b)*", "abab")]
    [InlineData(@"\bfoo\b", "a foo.b")]
    [InlineData(@"\bfoo\b", "afoo b")]
    [InlineData(@"\Bo\B", "foob o")]
    [InlineData("^abc$", "abc")]
    [InlineData("(?m)^b.$", "aa\nbb\ncc")]
    [InlineData("x{2,3}", "axxxxb")]
    [InlineData("x{2,3}?", "axxxxb")]
    [InlineData("x{2,}y", "xxxxy")]
    [InlineData("(?i)KeY[0-9a-f]{4}", "the kEy12aF!")]
    [InlineData("[^a-z]+", "abcXYZ12abc")]
    [InlineData(@"[\w.-]{0,5}?(?:key)[\s'""]{0,3}=(\w+)", "my.key = 'x' key=abc")]
    [InlineData("(a|b(c)?)+d", "abcad")]
    [InlineData(@"\x41\t", "zA\t")]
    [InlineData("a{,3}b", "a{,3}b")]
    [InlineData("[]a]+", "x]a]")]
    [InlineData("[a-]+", "b-a-")]
    [InlineData("(?s).*b", "a\nb c")]
    [InlineData(".*b", "a\nab c")]
    [InlineData("(?:a?){3}a{3}", "aaa")]
    public void Match_IsThatOfABacktrackingEngine(string pattern, string text)
    {
        Assert.Equal(Expected(pattern, text), Found(pattern, text));
    }

    [Theory]
    [InlineData("(?P<name>a)b", "xab", "1-3 1-2")]
    [InlineData("[[:alpha:]]+", "12ab", "2-4")]
    [InlineData("[[:^digit:]]+", "12ab", "2-4")]
    [InlineData(@"\Qa.b\E+", "a.bbb", "0-5")]
    [InlineData(@"\x{41}", "A", "0-1")]
    [InlineData(@"a\z", "aa", "1-2")]
    [InlineData("(?i:a)b", "Ab", "0-2")]
    [InlineData("a(?i)b", "aB", "0-2")]
    [InlineData("(?U)a+", "aaa", "0-1")]
    [InlineData(@"\pL+", "1ab", "1-3")]
    [InlineData("ä+", "xä", "1-3")]
    public void Match_OfWhatRe2HasAlone_IsFound(string pattern, string text, string expected) => Assert.Equal(expected, Found(pattern, text));

    [Theory]
    [InlineData(@"(a)\1")]
    [InlineData("(?=a)")]
    [InlineData("(?<!a)b")]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("*a")]
    [InlineData("a**")]
    [InlineData(@"\y")]
    [InlineData("a{1001}")]
    [InlineData("(?:(?:a{1000}){1000}){1000}")]
    [InlineData("[z-a]")]
    public void Parse_OfWhatIsNotRe2_SaysWhy(string pattern)
    {
        Assert.False(Pattern.TryParse(pattern, out _, out var error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void Match_OfRandomPatterns_IsThatOfABacktrackingEngine()
    {
        var random = new Random(5);
        for (var i = 0; i < 4000; i++)
        {
            var pattern = RandomPattern(random, 3);
            var text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => "ab \n_"[random.Next(5)]));
            var (expected, found) = (Expected(pattern, text), Found(pattern, text));
            Assert.True(expected == found, $"{pattern} on {text.ReplaceLineEndings("\\n")}: {found}, not {expected}");
        }
    }

    [Theory]
    [InlineData("(a+)+b")]
    [InlineData("(a|a)*b")]
    [InlineData("(a|aa)+b")]
    [InlineData("(?:a?){30}a{30}b")]
    [InlineData("(.*)*b")]
    [InlineData("([a-z]+)*=")]
    public void Search_OfBaitForBacktracking_LooksAtEachByteOnce(string pattern)
    {
        var text = Encoding.ASCII.GetBytes(new string('a', 100_000));
        var automaton = Pattern.Parse(pattern).CreateAutomaton();

        var end = automaton.FindEnd(text, 0, text.Length - 1, text.Length, isTextStart: true);

        Assert.Equal(-1, end);
        Assert.InRange(automaton.Steps, 0, text.Length);
    }

    [Fact]
    public void Search_WithMoreStatesThanAreKept_ForgetsAndGoesOn()
    {
        var random = new Random(1);
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 200_000).Select(_ => "ab"[random.Next(2)])) + "c");

        // The state must remember where an a stood among the last fourteen: 2^14 states.
        var end = Pattern.Parse("a[ab]{14}c").CreateAutomaton().FindEnd(text, 0, text.Length - 1, text.Length, isTextStart: true);

        Assert.Equal(Regex.IsMatch(Encoding.ASCII.GetString(text), "a[ab]{14}c$", RegexOptions.RightToLeft, TimeSpan.FromSeconds(60)) ? text.Length : -1, end);
    }

    [Theory]
    [InlineData("(?:AKIA|ASIA)[A-Z0-9]{16}", "akia asia")]
    [InlineData(@"\bghp_[a-z]{36}", "ghp_")]
    [InlineData("xox[baprs]-[0-9]+", "xoxa- xoxb- xoxp- xoxr- xoxs-")]
    [InlineData("(?:foo|bar)?[0-9]+secret", "secret")]
    [InlineData("[0-9]{12}", "")]
    [InlineData("(?:abc|[0-9]+)", "")]
    [InlineData("(?:key_live|key_test)_[0-9]+", "key_live_ key_test_")]
    public void RequiredLiterals_AreThoseOfWhichAMatchNeedsOne(string pattern, string expected) =>
        Assert.Equal(expected, string.Join(' ', (RequiredLiterals.Find(Pattern.Parse(pattern).Tree, 3) ?? []).Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData(@"\bghp_[a-z]{36}", "ghp_", 0, 0)]
    [InlineData(@"[\w.-]{0,50}?(?:adobe)x", "adobe", 0, 50)]
    [InlineData("ab(?:key|xsecret)", "secret", 3, 3)]
    [InlineData("a*key", "key", 0, Node.Endless)]
    [InlineData("(?i)xkeyykey", "key", 1, 5)]
    public void KeywordPlaces_AreDistancesFromTheBeginning(string pattern, string keyword, int least, int most) =>
        Assert.Equal((least, most), KeywordPlaces.Find(Pattern.Parse(pattern).Program, keyword));

    [Fact]
    public void KeywordPlaces_OfWhatThePatternDoesNotSpell_AreNone() => Assert.Null(KeywordPlaces.Find(Pattern.Parse("[0-9a-z]{20}").Program, "adobe"));

    private static string Found(string source, string text)
    {
        var pattern = Pattern.Parse(source);
        var bytes = Encoding.UTF8.GetBytes(text);
        var end = pattern.CreateAutomaton().FindEnd(bytes, 0, bytes.Length, bytes.Length, isTextStart: true);
        if (end < 0)
        {
            return "none";
        }

        var slots = new int[2 * pattern.Groups];
        Assert.True(new CaptureMachine().TryMatch(pattern.Program, bytes, 0, bytes.Length, end, isTextStart: true, slots));
        Assert.Equal(end, slots[1]);
        return string.Join(' ', slots.Chunk(2).Select(pair => pair[0] < 0 ? "-" : $"{pair[0]}-{pair[1]}"));
    }

    private static string Expected(string pattern, string text)
    {
        var match = Regex.Match(text, pattern.Replace("$", @"(?!\n\z)$", StringComparison.Ordinal), RegexOptions.None, TimeSpan.FromSeconds(30));
        return match.Success
            ? string.Join(' ', match.Groups.Values.Select(group => group.Success ? $"{group.Index}-{group.Index + group.Length}" : "-"))
            : "none";
    }

    private static string RandomPattern(Random random, int depth)
    {
        var item = random.Next(depth > 0 ? 9 : 5) switch
        {
            0 => "a",
            1 => "b",
            2 => "[ab]",
            3 => @"\b",
            4 => "[^a]",
            5 => $"({RandomPattern(random, depth - 1)}|{RandomPattern(random, depth - 1)})",
            6 => $"(?:{RandomPattern(random, depth - 1)})",
            _ => RandomPattern(random, depth - 1) + RandomPattern(random, depth - 1),
        };

        // Only of single bytes: engines differ about what an empty turn of a loop leaves in its groups.
        return item is "a" or "b" or "[ab]" or "[^a]"
            ? item + random.Next(8) switch { 0 => "*", 1 => "+?", 2 => "?", 3 => "{1,3}", 4 => "*?", _ => "" }
            : item;
    }
}
