using System.Net;
using System.Text.Json;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Egress.Gate;
using Belljar.Egress.Policy;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Tests.Gate;

public class DenialTests
{
    [Fact]
    public async Task Get_OfAnotherHost_Is403WithJsonAndNobodyIsAsked()
    {
        await using var server = TestServer.Ok();
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectAsync();

        await client.SendAsync("GET http://evil.example/secret?token=x HTTP/1.1\r\nHost: evil.example\r\n\r\n");
        var response = await client.ReadResponseAsync();

        Assert.Equal(403, response.Status);
        Assert.Contains("Content-Type: application/json", response.Head);
        var answer = JsonDocument.Parse(response.Body).RootElement;
        Assert.Equal(("egress_denied", "evil.example", "default-deny"),
            (answer.GetProperty("error").GetString(), answer.GetProperty("host").GetString(), answer.GetProperty("rule").GetString()));
        Assert.NotEqual("", answer.GetProperty("next").GetString());
        Assert.Equal((0, 0), (gate.Resolver.Asked, server.Accepted));
        var decision = await gate.Events.NextAsync();
        Assert.Equal((Verdict.Deny, "default-deny", "/secret", 403), (decision.Decision, decision.Rule, decision.Path, decision.Status));

        await client.SendAsync("GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n");
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Post_OfAnotherHost_IsAnsweredAndTheConnectionClosed()
    {
        await using var server = TestServer.Ok();
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectAsync();

        await client.SendAsync("POST http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 30\r\n\r\n" + new string('x', 30)
            + "GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n");
        var response = await client.ReadResponseAsync();

        Assert.Equal((403, true), (response.Status, response.Closes));
        Assert.True(await client.IsClosedAsync());
        Assert.Equal(0, server.Accepted);
    }

    [Theory]
    [InlineData("GET http://api.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", "malformed:HostDisagrees", 400)]
    [InlineData("GET http://api.example/ HTTP/1.1\nHost: api.example\n\n", "malformed:BareLf", 400)]
    [InlineData("POST http://api.example/ HTTP/1.1\r\nHost: api.example\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "malformed:LengthAndTransferEncoding", 400)]
    [InlineData("POST http://api.example/ HTTP/1.1\r\nHost: api.example\r\nContent-Length: +3\r\n\r\n", "malformed:LengthMalformed", 400)]
    [InlineData("GET http://api.example/%zz HTTP/1.1\r\nHost: api.example\r\n\r\n", "malformed:PathEncoding", 400)]
    [InlineData("GET http://api.example/ HTTP/2.0\r\nHost: api.example\r\n\r\n", "malformed:VersionNotSupported", 505)]
    [InlineData("\u0016\u0003\u0001\u0002\0", "malformed:StartLineMalformed", 400)]
    public async Task Malformed_IsAnsweredRecordedAndClosed(string request, string rule, int status)
    {
        await using var server = TestServer.Ok();
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectAsync();

        await client.SendAsync(request);
        var response = await client.ReadResponseAsync();

        Assert.Equal((status, true), (response.Status, response.Closes));
        Assert.Contains(rule, response.Body);
        Assert.True(await client.IsClosedAsync());
        Assert.Equal(0, server.Accepted);
        var e = await gate.Events.NextEventAsync();
        Assert.Equal(Severity.Warning, e.Severity);
        Assert.Equal((Verdict.Deny, rule), EventKinds.EgressDecision.Read(e) is var decision ? (decision.Decision, decision.Rule) : default);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: 127.0.0.1:17480\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: api.example\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: api.example\r\n\r\n")]
    public async Task ARequestThatIsNotForAProxy_IsToldHowToUseOne(string request)
    {
        await using var gate = new TestGate(EgressOptions.DenyAll);

        var response = await gate.SendAsync(request);

        Assert.Equal(400, response.Status);
        Assert.Contains("HTTP_PROXY", response.Body);
    }

    [Theory]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("017700000001")]
    [InlineData("0x7f000001")]
    [InlineData("0x7f.1")]
    [InlineData("127.0.0.1.")]
    [InlineData("localhost.")]
    [InlineData("0")]
    public async Task OddSpellingsOfLoopback_AreDeniedEvenInAudit(string host)
    {
        await using var gate = new TestGate(new EgressOptions(EgressMode.Audit, [EgressRoute.To("127.0.0.1"), EgressRoute.To("localhost")]));

        var response = await gate.SendAsync($"GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n");

        Assert.Equal(403, response.Status);
        Assert.Contains("host-spelling", response.Body);
        Assert.Empty(gate.Dialler.Dialled);
    }

    [Theory]
    [InlineData("[::ffff:127.0.0.1]", "loopback")]
    [InlineData("[::127.0.0.1]", "loopback")]
    [InlineData("[64:ff9b::7f00:1]", "loopback")]
    [InlineData("[::1]", "loopback")]
    [InlineData("169.254.169.254", "metadata")]
    [InlineData("[fd00:ec2::254]", "metadata")]
    [InlineData("100.100.100.200", "metadata")]
    [InlineData("168.63.129.16", "metadata")]
    [InlineData("192.0.0.192", "metadata")]
    [InlineData("[2002:7f00:1::]", "loopback")]
    [InlineData("[::ffff:169.254.169.254]", "metadata")]
    [InlineData("[64:ff9b::a9fe:a9fe]", "metadata")]
    [InlineData("100.64.0.1", "carrier-nat")]
    [InlineData("224.0.0.1", "multicast")]
    [InlineData("10.0.0.1", "private")]
    [InlineData("0.0.0.0", "unspecified")]
    [InlineData("a.localhost", "loopback")]
    public async Task AddressesThatAreNotPublic_AreDeniedEvenInAudit(string host, string kind)
    {
        await using var gate = new TestGate(new EgressOptions(EgressMode.Audit, []));

        var response = await gate.SendAsync($"GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n");

        Assert.Equal(403, response.Status);
        Assert.Contains($"address:{kind}", response.Body);
        Assert.Empty(gate.Dialler.Dialled);
        Assert.Equal(Verdict.Deny, (await gate.Events.NextAsync()).Decision);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task Loopback_NamedExactlyByARoute_IsAllowed(string host)
    {
        await using var server = TestServer.Ok();
        await using var gate = new TestGate(new EgressOptions(EgressMode.Enforce, [EgressRoute.To(host) with { Ports = [server.Port] }]));

        Assert.Equal(200, (await gate.SendAsync($"GET http://{host}:{server.Port}/ HTTP/1.1\r\nHost: {host}:{server.Port}\r\n\r\n")).Status);
    }

    [Fact]
    public async Task AnotherNameThatLeadsInside_NeedsTheAllowList()
    {
        await using var server = TestServer.Ok();
        var route = EgressRoute.To("db.example") with { Ports = [server.Port] };
        await using var gate = new TestGate(new EgressOptions(EgressMode.Enforce, [route]));
        gate.Resolver.Names["db.example"] = [IPAddress.Loopback];
        var request = $"GET http://db.example:{server.Port}/ HTTP/1.1\r\nHost: db.example:{server.Port}\r\n\r\n";

        var denied = await gate.SendAsync(request);
        gate.Replace(new EgressOptions(EgressMode.Enforce, [route with { SsrfIpAllowlist = ["127.0.0.1"] }]));
        var allowed = await gate.SendAsync(request);

        Assert.Equal((403, 200), (denied.Status, allowed.Status));
        Assert.Contains("ssrf_ip_allowlist", denied.Body);
    }

    [Fact]
    public async Task Replace_WithoutTheAllowList_CutsOffAKeptConnectionToo()
    {
        await using var server = TestServer.Ok();
        var route = EgressRoute.To("db.example") with { Ports = [server.Port] };
        await using var gate = new TestGate(new EgressOptions(EgressMode.Enforce, [route with { SsrfIpAllowlist = ["127.0.0.1"] }]));
        gate.Resolver.Names["db.example"] = [IPAddress.Loopback];
        using var client = await gate.ConnectAsync();
        var request = $"GET http://db.example:{server.Port}/ HTTP/1.1\r\nHost: db.example:{server.Port}\r\n\r\n";

        await client.SendAsync(request);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        gate.Replace(new EgressOptions(EgressMode.Enforce, [route]));
        await client.SendAsync(request);

        Assert.Equal(403, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Rebinding_FromPublicToLoopback_NeverReachesLoopback()
    {
        await using var server = TestServer.Ok("public", _ => { });
        await using var gate = TestGate.For(server);
        gate.Resolver.InTurn.Enqueue([IPAddress.Parse(TestGate.PublicAddress)]);
        gate.Resolver.InTurn.Enqueue([IPAddress.Loopback]);
        gate.Resolver.InTurn.Enqueue([IPAddress.Parse(TestGate.PublicAddress), IPAddress.Loopback]);
        const string request = "GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n";

        var first = await gate.SendAsync(request);
        var second = await gate.SendAsync(request);
        var mixed = await gate.SendAsync(request);

        Assert.Equal((200, 403, 403), (first.Status, second.Status, mixed.Status));
        Assert.Equal(TestGate.PublicAddress, Assert.Single(gate.Dialler.Dialled).Address.ToString());
    }

    [Fact]
    public async Task Https_InTheClear_IsDeniedWithAHint()
    {
        await using var gate = new TestGate(new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example")]));

        var response = await gate.SendAsync("GET https://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n");

        Assert.Equal(403, response.Status);
        Assert.Contains("CONNECT", response.Body);
    }

    [Fact]
    public async Task MethodsAndPaths_AreEnforcedOnWhatIsForwarded()
    {
        await using var server = TestServer.Ok();
        await using var gate = TestGate.For(server, EgressRoute.To("api.example") with { Methods = ["GET"], PathAllowlist = ["/repos"] });

        Assert.Equal(200, (await gate.SendAsync("GET http://api.example/repos/a HTTP/1.1\r\nHost: api.example\r\n\r\n")).Status);
        Assert.Equal(403, (await gate.SendAsync("DELETE http://api.example/repos/a HTTP/1.1\r\nHost: api.example\r\n\r\n")).Status);
        Assert.Equal(403, (await gate.SendAsync("GET http://api.example/repos/..%2fadmin HTTP/1.1\r\nHost: api.example\r\n\r\n")).Status);
        Assert.Equal(403, (await gate.SendAsync("GET http://api.example/repos/../admin HTTP/1.1\r\nHost: api.example\r\n\r\n")).Status);
    }

    [Fact]
    public async Task Audit_LetsPassAndSaysSo()
    {
        await using var server = TestServer.Ok();
        await using var gate = new TestGate(new EgressOptions(EgressMode.Audit, [])).Leading(server);

        var response = await gate.SendAsync("GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n");

        Assert.Equal(200, response.Status);
        var decision = await gate.Events.NextAsync();
        Assert.Equal((Verdict.Allow, "audit:default-deny"), (decision.Decision, decision.Rule));
    }

    [Fact]
    public async Task Routes_AreListedWithoutValues()
    {
        await using var gate = new TestGate(new EgressOptions(EgressMode.Enforce,
            [new EgressRoute("api.example", [], ["GET"], ["/repos"], ["10.1.2.3"])]));

        var response = await gate.SendAsync("GET http://belljar.internal/routes HTTP/1.1\r\nHost: belljar.internal\r\n\r\n");
        var other = await gate.SendAsync("GET http://belljar.internal/other HTTP/1.1\r\nHost: belljar.internal\r\n\r\n");

        Assert.Equal("{\"mode\":\"enforce\",\"routes\":[{\"host\":\"api.example\",\"ports\":[80,443],\"methods\":[\"GET\"],\"paths\":[\"/repos\"],\"tls\":\"inspect\"}]}", response.Body);
        Assert.Equal(404, other.Status);
    }

    [Fact]
    public async Task Connections_BeyondTheLimit_Get503()
    {
        await using var gate = new TestGate(EgressOptions.DenyAll, EgressLimits.Default with { Connections = 1 });
        using var first = await gate.ConnectAsync();
        await first.SendAsync("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n");
        await first.ReadResponseAsync();

        using var second = await gate.ConnectAsync();
        Assert.Equal(503, (await second.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task AHeadThatIsTooLong_Is431()
    {
        await using var gate = new TestGate(EgressOptions.DenyAll, EgressLimits.Default with { Http = new Http1Limits(LongestHead: 1000) });

        var response = await gate.SendAsync("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\nX: " + new string('x', 2000) + "\r\n\r\n");

        Assert.Equal(431, response.Status);
    }
}
