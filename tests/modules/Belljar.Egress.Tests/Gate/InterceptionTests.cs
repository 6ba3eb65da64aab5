using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Belljar.Contracts;
using Belljar.Egress.Policy;

namespace Belljar.Egress.Tests.Gate;

public class InterceptionTests
{
    [Fact]
    public async Task Get_InsideATunnel_IsReadForwardedOverTlsAndRecorded()
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = TestServer.SecureOk(seen: seen.Enqueue);
        await using var gate = TestGate.For(server);

        var response = await gate.SendSecurelyAsync("GET /a/./b?q=1 HTTP/1.1\r\nHost: api.example\r\nX-One: 1\r\n\r\n");

        Assert.Equal((200, "secure"), (response.Status, response.Body));
        Assert.Equal("GET /a/b?q=1 HTTP/1.1\r\nHost: api.example\r\nX-One: 1\r\n\r\n", Assert.Single(seen));
        var decision = await gate.Events.NextAsync();
        Assert.Equal(("api.example", 443, "GET", "/a/b", TestGate.PublicAddress), (decision.Host, decision.Port, decision.Method, decision.Path, decision.Address));
        Assert.Equal((Verdict.Allow, "route:api.example", 200, 6L), (decision.Decision, decision.Rule, decision.Status, decision.BytesDown));
        Assert.Equal(0, gate.Events.Waiting); // the tunnel itself is no second event
    }

    [Fact]
    public async Task KeepAlive_InsideATunnel_UsesOneConnectionOnEachSide()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectSecurelyAsync();

        for (var i = 0; i < 5; i++)
        {
            await client.SendAsync($"GET /{i} HTTP/1.1\r\nHost: api.example\r\n\r\n");
            Assert.Equal("secure", (await client.ReadResponseAsync()).Body);
            Assert.Equal($"/{i}", (await gate.Events.NextAsync()).Path);
        }

        Assert.Equal((1, 1), (server.Accepted, gate.Resolver.Asked));
    }

    [Fact]
    public async Task MethodsAndPaths_AreJudgedInsideToo()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server, EgressRoute.To("api.example") with { Methods = ["GET"], PathAllowlist = ["/repos"] });
        using var client = await gate.ConnectSecurelyAsync();
        var answers = new List<int>();

        foreach (var line in new[] { "GET /repos/a", "GET /repository", "DELETE /repos/a", "GET /repos/..%2fadmin", "GET /repos/%2e%2e/admin", "GET /repos" })
        {
            await client.SendAsync($"{line} HTTP/1.1\r\nHost: api.example\r\n\r\n");
            var response = await client.ReadResponseAsync();
            answers.Add(response.Status);
            if (response.Status == 403)
            {
                Assert.Equal("route:api.example", JsonDocument.Parse(response.Body).RootElement.GetProperty("rule").GetString());
            }
        }

        Assert.Equal([200, 403, 403, 403, 403, 200], answers);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: api.example:444\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: api.example.\r\n\r\n")]
    [InlineData("GET https://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n")]
    [InlineData("GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n")]
    [InlineData("GET http://belljar.internal/routes HTTP/1.1\r\nHost: belljar.internal\r\n\r\n")]
    public async Task ARequestForAnotherHostThanTheTunnels_IsDenied(string request)
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = TestServer.SecureOk(seen: seen.Enqueue);
        await using var gate = TestGate.For(server, EgressRoute.To("api.example"), EgressRoute.To("evil.example"));

        var response = await gate.SendSecurelyAsync(request);

        Assert.Equal(403, response.Status);
        Assert.Contains("host-mismatch", response.Body);
        Assert.Empty(seen);
        Assert.Equal("host-mismatch", (await gate.Events.NextAsync()).Rule);
    }

    [Fact]
    public async Task CONNECT_InsideATunnel_IsDenied()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server, EgressRoute.To("api.example"), EgressRoute.To("other.example"));

        var response = await gate.SendSecurelyAsync("CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n", "CONNECT");

        Assert.Equal(403, response.Status);
        Assert.Contains("tunnel-in-tunnel", response.Body);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\nHost: api.example\n\n", "malformed:BareLf")]
    [InlineData("POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "malformed:LengthAndTransferEncoding")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "malformed:VersionNotSupported")]
    public async Task MalformedRequests_AreRefusedInsideToo(string request, string rule)
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectSecurelyAsync();

        await client.SendAsync(request);
        var response = await client.ReadResponseAsync();

        Assert.True(response.Closes);
        Assert.Contains(rule, response.Body);
        Assert.True(await client.IsClosedAsync());
    }

    [Theory]
    [InlineData("other.example")]
    [InlineData("127.0.0.1")]
    public async Task AnotherNameInTheHello_IsDeniedWithAnAlert(string serverName)
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server);

        await Assert.ThrowsAsync<AuthenticationException>(() => gate.ConnectSecurelyAsync(serverName: serverName));

        var decision = await gate.Events.NextAsync();
        Assert.Equal((Verdict.Deny, "sni", 0L), (decision.Decision, decision.Rule, decision.BytesUp));
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: api.example\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public async Task SomethingElseThanTls_IsClosed(string first)
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectAsync();

        await client.SendAsync("CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n");
        await client.ReadHeadAsync();
        await client.SendAsync(first);

        Assert.True(await client.IsClosedAsync());
        Assert.Equal((Verdict.Deny, "tls-only"), (await gate.Events.NextAsync()) is var decision ? (decision.Decision, decision.Rule) : default);
    }

    [Fact]
    public async Task AClientThatDoesNotTrustTheSession_IsRecordedAsSuch()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectAsync();
        await client.SendAsync("CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n");
        await client.ReadHeadAsync();
        await using var tls = new SslStream(client.Stream);

        await Assert.ThrowsAsync<AuthenticationException>(() => tls.AuthenticateAsClientAsync("api.example"));
        client.Dispose();

        var decision = await gate.Events.NextAsync();
        Assert.Equal(("CONNECT", 0L), (decision.Method, decision.BytesDown));
        Assert.Contains("trust", decision.Reason);
    }

    [Fact]
    public async Task AHostThatCannotProveItself_Is502AndSaysWhy()
    {
        await using var stranger = TestServer.Secure(_ => Task.CompletedTask, Identity.Stranger);
        await using var gate = TestGate.For(stranger);

        var response = await gate.SendSecurelyAsync("GET / HTTP/1.1\r\nHost: api.example\r\n\r\n");

        Assert.Equal(502, response.Status);
        Assert.Contains("names another host", response.Body);
    }

    [Fact]
    public async Task AHostOfAnUnknownAuthority_Is502AndNamesTheKey()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = new TestGate(
            new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example")]), secrets: TestGate.Secrets with { UpstreamAuthorities = [] }).Leading(server);

        var response = await gate.SendSecurelyAsync("GET / HTTP/1.1\r\nHost: api.example\r\n\r\n");

        Assert.Equal(502, response.Status);
        Assert.Contains("upstream_ca", response.Body);
    }

    [Fact]
    public async Task TheLeaf_NamesTheHostAndIsForServers()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectSecurelyAsync();

        var leaf = client.Certificate!;
        Assert.True(leaf.MatchesHostname("api.example", allowWildcards: false));
        Assert.False(leaf.MatchesHostname("other.example"));
        Assert.Equal("1.2.840.10045.2.1", leaf.PublicKey.Oid.Value); // an elliptic curve
        Assert.True(leaf.NotBefore < TimeProvider.System.GetLocalNow().DateTime.AddDays(-1));
    }

    [Fact]
    public async Task AnAddress_HasALeafWithTheAddress()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = new TestGate(new EgressOptions(EgressMode.Enforce, [EgressRoute.To("127.0.0.1") with { Ports = [server.Port] }]));

        using var client = await gate.ConnectSecurelyAsync("127.0.0.1", server.Port);
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\n\r\n");

        Assert.Equal("secure", (await client.ReadResponseAsync()).Body);
        Assert.True(client.Certificate!.MatchesHostname("127.0.0.1"));
    }

    [Fact]
    public async Task Replace_JudgesTheNextRequestOfAnOpenTunnel()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectSecurelyAsync();
        const string request = "GET /x HTTP/1.1\r\nHost: api.example\r\n\r\n";

        await client.SendAsync(request);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        gate.Replace(EgressOptions.DenyAll);
        await client.SendAsync(request);
        Assert.Equal(403, (await client.ReadResponseAsync()).Status);
        gate.Replace(new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example")]));
        await client.SendAsync(request);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task LargeBodies_BothWays_ArriveAsTheyWere()
    {
        await using var server = TestServer.Secure(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n"u8.ToArray());
            var buffer = new byte[70_000];
            for (var left = 5_000_000; left > 0;)
            {
                var count = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)));
                await stream.WriteAsync(buffer.AsMemory(0, count));
                left -= count;
            }
        });
        await using var gate = TestGate.For(server);
        using var http = Trusting(gate);
        var sent = RandomNumberGenerator.GetBytes(5_000_000);

        var response = await http.PostAsync(new Uri("https://api.example/echo"), new ByteArrayContent(sent));

        Assert.Equal(sent, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Refused_AfterABody_TheClientStillGetsItsAnswer()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server, EgressRoute.To("api.example") with { Methods = ["GET"] });
        using var http = Trusting(gate);

        var response = await http.PostAsync(new Uri("https://api.example/"), new ByteArrayContent(new byte[200_000]));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("the route does not allow this method", await response.Content.ReadAsStringAsync());
    }

    /// <summary>.NET's own client, as it would be used inside.</summary>
    private static HttpClient Trusting(TestGate gate)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(TestGate.Secrets.Authority.CertificatePem));
        return new HttpClient(new SocketsHttpHandler
        {
            Proxy = new WebProxy($"http://{gate.Address}"),
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
        });
    }
}
