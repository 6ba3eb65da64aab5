using System.Text.Json;
using Belljar.Bottles.Sessions;

namespace Belljar.Bottles.Tests.Sessions;

public class SessionPlanTests
{
    [Fact]
    public void APlan_PrintsNothingThatItsGateOrItsEnvironmentHolds()
    {
        var plan = new SessionPlan(
            "dev-abcde",
            "dev",
            ["sh", "-c", "true"],
            "host",
            new Dictionary<string, string> { ["A"] = "r3al-s3cret-value-1" },
            [],
            null,
            null,
            64,
            "certificate",
            [],
            JsonDocument.Parse("{\"value\":\"r3al-s3cret-value-1\"}").RootElement);

        Assert.Equal("SessionPlan of dev-abcde", plan.ToString());
    }
}
