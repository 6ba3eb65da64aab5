using System.Net;
using Belljar.Mail.Authentication;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Mail.Authentication.Spf;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Authentication.Spf;

public sealed class SpfSuiteTests
{
    [Fact]
    public async Task EveryCaseOfTheSuite_HasAnExpectedResult()
    {
        var wrong = new List<string>();
        var count = 0;
        var scenarios = SpfSuite.Load();
        foreach (var scenario in scenarios)
        {
            foreach (var test in scenario.Cases)
            {
                count++;
                if (await MistakeAsync(scenario.Zone, test) is { } mistake)
                {
                    wrong.Add($"{scenario.Description} / {test.Name}: {mistake}");
                }
            }
        }

        CorpusCount.Report("spf", count - wrong.Count, count);
        Assert.True(wrong is [], string.Join("\n", wrong));
        Assert.True(count >= 200, $"only {count} cases were found");
    }

    private static async Task<string?> MistakeAsync(ZoneResolver zone, SpfCase test)
    {
        var policy = new AuthenticationPolicy { PublicSuffixes = PublicSuffixList.BuiltIn };
        var verifier = new SpfVerifier(zone, policy, new ManualClock());
        var result = await verifier.VerifyAsync(new SmtpEnvelopeFacts(IPAddress.Parse(test.Host), test.Helo, test.MailFrom), CancellationToken.None);
        var verdict = result.Verdict.ToString().ToLowerInvariant();
        if (!test.Expected.Contains(verdict))
        {
            return $"{verdict} ({result.Reason}), not {string.Join(" or ", test.Expected)}";
        }

        return test.Explanation is null || (result.Explanation ?? "DEFAULT") == test.Explanation ? null : $"explains \"{result.Explanation}\", not \"{test.Explanation}\"";
    }
}
