using Belljar.Mail.Authentication.Dkim;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Authentication.Dkim;

public sealed class DkimCorpusTests
{
    private static readonly DkimVerdict[] NoKey = [DkimVerdict.PermError, DkimVerdict.TempError];

    [Fact]
    public async Task UnderTheHistoricPolicy_EveryVerdictIsTheFilesName()
    {
        var all = await DkimCorpus.VerifyAllAsync(DkimCorpus.Historic);
        var wrong = all.Where(file => !IsAsNamed(file.Key, [.. file.Value.Select(result => result.Verdict)])).Select(file => Line(file.Key, file.Value)).ToList();

        CorpusCount.Report("dkim", all.Count - wrong.Count, all.Count);
        Assert.True(wrong is [], string.Join("\n", wrong));
        Assert.True(all.Count >= 79);
    }

    [Fact]
    public async Task UnderTheShippedPolicy_VerdictsAreThoseOfTheTable()
    {
        var all = await DkimCorpus.VerifyAllAsync(DkimCorpus.Shipped);
        var table = Path.Combine(Repository.Root, "tests/modules/Belljar.Mail.Tests/Authentication/Dkim/shipped-policy.txt");

        Assert.Equal(await File.ReadAllLinesAsync(table), all.Select(file => Line(file.Key, file.Value)));
    }

    private static bool IsAsNamed(string name, DkimVerdict[] verdicts) => name.Split('_') switch
    {
        // DomainKeys, which came before DKIM, is not a signature of ours.
        [_, "dk", ..] or ["dk", ..] => verdicts is [DkimVerdict.None],
        // Of a draft before bh= was thought of: another algorithm, which we do not have.
        ["good", "ietf00", ..] => verdicts is [DkimVerdict.Neutral],
        ["good" or "goodkey" or "mine" or "no", ..] => verdicts is [DkimVerdict.Pass],
        ["multiple", ..] => verdicts.Length == 4 && verdicts.Count(verdict => verdict == DkimVerdict.Pass) == 1,
        ["bad", ..] => verdicts is [DkimVerdict.Fail],
        // The key is good there, the message was changed.
        ["badkey2" or "badkey3", "ed25519"] => verdicts is [DkimVerdict.Fail],
        ["badkey" or "badkey1" or "badkey4" or "badkey5", ..] => verdicts is [var only] && NoKey.Contains(only),
        ["ignore", ..] => verdicts is [DkimVerdict.Neutral or DkimVerdict.Policy],
        _ => false,
    };

    private static string Line(string name, IEnumerable<DkimResult> results) =>
        $"{name}: {string.Join(" | ", results.Select(result => $"{result.Verdict} {result.Reason}"))}";
}
