using Belljar.Egress.Gate;
using Belljar.Egress.Policy;
using Belljar.Testing;

namespace Belljar.Egress.Tests.Gate;

public class LoadTests
{
    private static int Many => TestScale.IsAll ? 5000 : 500;

    [Fact]
    public async Task ManyConnections_AreServedOrToldToWait()
    {
        await using var gate = new TestGate(EgressOptions.DenyAll, EgressLimits.Default with { Connections = Many / 2 });
        var clients = new List<RawClient>();
        try
        {
            var answers = new List<int>();
            for (var i = 0; i < Many; i++)
            {
                var client = await gate.ConnectAsync();
                clients.Add(client);
                if (i < Many / 2)
                {
                    await client.SendAsync("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n");
                }

                answers.Add((await client.ReadResponseAsync()).Status);
            }

            Assert.Equal(Many / 2, answers.Count(status => status == 403));
            Assert.Equal(Many / 2, answers.Count(status => status == 503));
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task AFloodOfNames_UnderAWildcard_DoesNotGrowTheGate()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = new TestGate(
            new EgressOptions(EgressMode.Enforce, [EgressRoute.To("*.example")]), EgressLimits.Default with { Leaves = 10 }).Leading(server);

        for (var i = 0; i < 100; i++)
        {
            var host = $"n{i}.example";
            gate.Resolver.Names[host] = gate.Resolver.Names["api.example"];
            using var client = await gate.ConnectSecurelyAsync(host);
            Assert.True(client.Certificate!.MatchesHostname(host));
        }
    }

    [Theory]
    [InlineData("api.example:25")]
    [InlineData("api.example:22")]
    [InlineData("api.example:2375")]
    [InlineData("127.0.0.1:443")]
    [InlineData("[::1]:443")]
    [InlineData("[::ffff:127.0.0.1]:443")]
    [InlineData("[64:ff9b::7f00:1]:443")]
    [InlineData("[2002:7f00:1::]:443")]
    [InlineData("169.254.169.254:443")]
    [InlineData("[fd00:ec2::254]:443")]
    [InlineData("100.100.100.200:443")]
    [InlineData("168.63.129.16:443")]
    [InlineData("192.0.0.192:443")]
    [InlineData("0x7f.1:443")]
    [InlineData("2130706433:443")]
    [InlineData("017700000001:443")]
    [InlineData("localhost.:443")]
    [InlineData("xn--e1afmkfd.example:443")] // a name of its own, that no route names
    [InlineData("evil.example:443")]
    public async Task Connect_ToWhatNoRouteNames_Is403(string target)
    {
        await using var gate = new TestGate(new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example")]));

        var response = await gate.SendAsync($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n", "CONNECT");

        Assert.Equal(403, response.Status);
        Assert.Empty(gate.Dialler.Dialled);
    }

    [Fact]
    public async Task ARedirectToADeniedHost_IsDeniedWhenItIsFollowed()
    {
        await using var server = TestServer.SecurelyAnswering("HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n");
        await using var gate = TestGate.For(server);

        var first = await gate.SendSecurelyAsync("GET / HTTP/1.1\r\nHost: api.example\r\n\r\n");
        var followed = await gate.SendAsync("CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", "CONNECT");

        Assert.Equal((302, 403), (first.Status, followed.Status));
    }
}
