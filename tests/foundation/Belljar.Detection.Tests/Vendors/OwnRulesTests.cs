using System.Text.RegularExpressions;
using Belljar.Detection.Rules;
using Belljar.Detection.Tests.Recall;

namespace Belljar.Detection.Tests.Vendors;

/// <summary>What holds for every rule that we ship.</summary>
public partial class OwnRulesTests
{
    private const int FewestRules = 100;
    private const int FewestServices = 80;
    private const int ShortestKeyword = 3;

    public static TheoryData<string> Ids => [.. OwnRules.File.Rules.Select(rule => rule.Id)];

    [Fact]
    public void Set_Compiles_AndIsLargeEnough()
    {
        Assert.True(RuleSet.TryCompile(OwnRules.File, [], out _, out var errors), string.Join('\n', errors));
        Assert.True(OwnRules.File.Rules.Count >= FewestRules, $"{OwnRules.File.Rules.Count} rules");
        var services = OwnRules.File.Rules.Select(rule => rule.Service).Distinct().Count();
        Assert.True(services >= FewestServices, $"{services} services");
    }

    [Fact]
    public void EveryRule_HasAFormatOfItsVendor_AndEveryFormatARule()
    {
        var rules = OwnRules.File.Rules.Select(rule => rule.Id).ToHashSet();
        var formats = TokenFormats.All.Select(format => format.Rule).ToHashSet();
        Assert.Empty(rules.Except(formats));
        Assert.Empty(formats.Except(rules));
        Assert.Equal(OwnRules.File.Rules.Count, rules.Count);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Rule_SaysWhatItIs(string id)
    {
        var rule = RuleOf(id);
        Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", rule.Id);
        Assert.NotEmpty(rule.Description);
        Assert.NotEmpty(rule.Tags);
        Assert.False(string.IsNullOrEmpty(rule.Service), "service");
        Assert.NotEmpty(rule.Keywords);
        Assert.All(rule.Keywords, keyword => Assert.True(keyword.Length >= ShortestKeyword && !keyword.Any(char.IsUpper), keyword));
    }

    /// <summary>No path filter: a secret is one wherever it lies. No look-around, no back-reference, nothing that runs on: RE2, and bounded by classes.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void Rule_LooksAtContentAlone_InLinearTime(string id)
    {
        var rule = RuleOf(id);
        Assert.Null(rule.Path);
        Assert.All(rule.Allowlists, list => Assert.Empty(list.Paths));
        Assert.DoesNotMatch(LookAround(), rule.Regex!);
        Assert.DoesNotMatch(AnyRun(), rule.Regex!);
    }

    [Fact]
    public void File_HasNoPathsEither() => Assert.All(OwnRules.File.Allowlists, list => Assert.Empty(list.Paths));

    internal static Rule RuleOf(string id) => OwnRules.File.Rules.Single(rule => rule.Id == id);

    [GeneratedRegex(@"\(\?[=!<]|\\[1-9]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LookAround();

    [GeneratedRegex(@"(?<!\\)\.[*+]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AnyRun();
}
