using System.Text;
using Belljar.Detection.Rules;
using Belljar.Detection.Tests.Recall;
using Belljar.Detection.Tests.Scanning;

namespace Belljar.Detection.Tests.Vendors;

/// <summary>Every rule finds what its vendor's format makes: as it is, in every encoding, in two of them, and cut anywhere.</summary>
public class RulePositivesTests
{
    private const int Samples = 20;

    public static TheoryData<string> Ids => OwnRulesTests.Ids;

    [Theory]
    [MemberData(nameof(Ids))]
    public void Values_AreFound(string id)
    {
        var rules = Alone(id);
        foreach (var format in FormatsOf(id))
        {
            var random = new Random(11);
            for (var i = 0; i < Samples; i++)
            {
                var text = Text(format, random);
                Assert.True(Finds(rules, id, text), $"{format} #{i}: {Encoding.UTF8.GetString(text)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Values_AreFound_InEveryEncoding(string id)
    {
        var rules = Alone(id);
        foreach (var format in FormatsOf(id))
        {
            var text = Text(format, new Random(12));
            foreach (var (encoding, encode) in EncodedAs.All.Where(one => CanHold(one.Key, text)))
            {
                Assert.True(Finds(rules, id, Within(encode(text))), $"{format} in {encoding}");
            }
        }
    }

    /// <summary>Each encoding inside another; which, goes round, so that over all rules every pair has its turn.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void Values_AreFound_TwoEncodingsDeep(string id)
    {
        var rules = Alone(id);
        string[] names = [.. EncodedAs.All.Keys];
        var turn = OwnRules.File.Rules.TakeWhile(rule => rule.Id != id).Count();
        foreach (var format in FormatsOf(id))
        {
            var text = Text(format, new Random(13));
            for (var inner = 0; inner < names.Length; inner++)
            {
                var outer = (inner + turn) % names.Length;
                if (DecodingTests.Carries(names[outer], names[inner]) && CanHold(names[inner], text) && CanHold(names[outer], EncodedAs.All[names[inner]](text)))
                {
                    var encoded = EncodedAs.All[names[outer]](EncodedAs.All[names[inner]](text));
                    Assert.True(Finds(rules, id, Within(encoded)), $"{format} in {names[inner]} in {names[outer]}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Values_AreFound_CutAtEveryByte(string id)
    {
        var rules = Alone(id);
        foreach (var format in FormatsOf(id))
        {
            var text = Text(format, new Random(14));
            var whole = TestRules.Summaries(rules.Scan(text));
            for (var cut = 1; cut < text.Length; cut++)
            {
                using var scanner = new Scanner(rules);
                scanner.Push(text.AsSpan(0, cut));
                scanner.Push(text.AsSpan(cut));
                scanner.Complete();
                Assert.Equal(whole, TestRules.Summaries(scanner.Findings));
            }
        }
    }

    internal static IEnumerable<TokenFormat> FormatsOf(string id) => TokenFormats.All.Where(format => format.Rule == id);

    internal static RuleSet Alone(string id) => RuleSet.Compile(OwnRules.File with { Rules = [OwnRulesTests.RuleOf(id)] });

    internal static byte[] Text(TokenFormat format, Random random) => Text(format, format.Make(random));

    /// <summary>As a vendor's manual would have one keep it.</summary>
    internal static byte[] Text(TokenFormat format, string value)
    {
        var line = format.Names.Count == 0 ? value
            : format.Rule.EndsWith("-variable", StringComparison.Ordinal) ? $"{format.Names[0]}={value}"
            : $"{format.Names[0]} = \"{value}\"";
        return Encoding.UTF8.GetBytes($"the line before\n{line}\nthe line after\n");
    }

    /// <summary>
    /// A line that was only broken is quoted-printable while it has no equals sign. And a compressed text without a magic
    /// number, of exactly the length of a hash, is taken for one: the engine does not guess at hashes.
    /// </summary>
    private static bool CanHold(string encoding, byte[] text) => encoding switch
    {
        "quoted-printable, soft breaks alone" => !text.Contains((byte)'='),
        "deflate in base64" or "brotli in base64" =>
            Convert.FromBase64String(Encoding.ASCII.GetString(EncodedAs.All[encoding](text))).Length is not (20 or 28 or 32 or 48 or 64),
        _ => true,
    };

    private static byte[] Within(byte[] encoded) => [.. "before it, "u8, .. encoded, .. " and after\n"u8];

    private static bool Finds(RuleSet rules, string id, byte[] content) => rules.Scan(content).Any(finding => finding.RuleId == id);
}
