using Belljar.Egress.Policy;

namespace Belljar.Egress.Tests.Gate;

/// <summary>What may leave in all.</summary>
public class BudgetTests
{
    [Fact]
    public async Task ABudget_IsSpentByAllRequestsTogether()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = new TestGate(new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example") with { Budget = 120 }])).Leading(server);
        const string request = "GET /a HTTP/1.1\r\nHost: api.example\r\n\r\n"; // about 40 bytes go out
        var answers = new List<int>();

        for (var i = 0; i < 5; i++)
        {
            answers.Add((await gate.SendSecurelyAsync(request)).Status);
        }

        Assert.Equal([200, 200, 200, 403, 403], answers);
    }

    [Fact]
    public async Task ABudgetOfTheSession_HoldsForAllHostsTogether()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = new TestGate(new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example"), EgressRoute.To("b.example")]) { Budget = 90 }).Leading(server);
        gate.Resolver.Names["b.example"] = gate.Resolver.Names["api.example"];

        Assert.Equal(200, (await gate.SendSecurelyAsync("GET /a HTTP/1.1\r\nHost: api.example\r\n\r\n")).Status);
        Assert.Equal(200, (await gate.SendSecurelyAsync("GET /a HTTP/1.1\r\nHost: b.example\r\n\r\n", host: "b.example")).Status);
        Assert.Equal(403, (await gate.SendSecurelyAsync("GET /a HTTP/1.1\r\nHost: api.example\r\n\r\n")).Status);
    }
}
