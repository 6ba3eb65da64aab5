using System.Collections.Concurrent;
using System.Text;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Belljar.Egress.Tests.Bodies;

namespace Belljar.Egress.Tests.Gate;

public class CredentialTests
{
    private const string Real = "r3al-s3cret-value-1";
    private const string Fake = "placeholder-0123456789";
    private static readonly CredentialReference Reference = new(CredentialReference.Variable, ["API_TOKEN"]);

    private static readonly GateSecrets Secrets = TestGate.Secrets with
    {
        Credentials = [new Credential(Reference.Name, Real, Fake)],
        Known = [new KnownSecret("OPERATOR_KEY", "operators-own-key-77")],
    };

    [Theory]
    [InlineData(AuthScheme.Bearer, null, "Authorization: Bearer " + Real)]
    [InlineData(AuthScheme.Bearer, "X-Token", "X-Token: Bearer " + Real)]
    [InlineData(AuthScheme.Token, null, "Authorization: token " + Real)]
    [InlineData(AuthScheme.Basic, null, "Authorization: Basic bWU6cjNhbC1zM2NyZXQtdmFsdWUtMQ==")]
    [InlineData(AuthScheme.Header, "X-Api-Key", "X-Api-Key: " + Real)]
    public async Task TheHost_GetsTheRealValueAndNothingOfTheAgents(AuthScheme scheme, string? header, string expected)
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = TestServer.SecureOk(seen: seen.Enqueue);
        await using var gate = Gate(server, new RouteAuth(scheme, Reference, header, null, "me"));

        var response = await gate.SendSecurelyAsync(
            $"GET / HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer {Fake}\r\nX-Api-Key: mine\r\nCookie: a=b\r\nProxy-Authorization: Basic eA==\r\nX-Keep: 1\r\n\r\n");

        Assert.Equal(200, response.Status);
        Assert.Equal($"GET / HTTP/1.1\r\nHost: api.example\r\nX-Keep: 1\r\n{expected}\r\n\r\n", Assert.Single(seen));
        Assert.Equal(Verdict.Allow, (await gate.Events.NextAsync()).Decision);
    }

    [Theory]
    [InlineData("/v1/x", "/v1/x?key=" + Real)]
    [InlineData("/v1/x?a=1&key=" + Fake + "&b=2", "/v1/x?a=1&b=2&key=" + Real)]
    [InlineData("/v1/x?%6Bey=theirs", "/v1/x?key=" + Real)]
    public async Task AQueryParameter_IsReplaced(string target, string expected)
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = TestServer.SecureOk(seen: seen.Enqueue);
        await using var gate = Gate(server, new RouteAuth(AuthScheme.Query, Reference, Param: "key"));

        await gate.SendSecurelyAsync($"GET {target} HTTP/1.1\r\nHost: api.example\r\n\r\n");

        Assert.StartsWith($"GET {expected} HTTP/1.1\r\n", Assert.Single(seen));
        Assert.Equal("/v1/x", (await gate.Events.NextAsync()).Path);
    }

    [Theory]
    [InlineData("Authorization: Bearer theirs")]
    [InlineData("authorization: Basic eHg6eXk=")]
    [InlineData("Cookie: session=1")]
    [InlineData("x-api-key: theirs")]
    [InlineData("API-Key: theirs")]
    [InlineData("X-Goog-Api-Key: theirs")]
    [InlineData("PRIVATE-TOKEN: theirs")]
    [InlineData("Proxy-Authorization: Basic eHg6eXk=")]
    public async Task OnARouteWithoutACredential_TheAgentsIsTakenOutToo(string field)
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = TestServer.SecureOk(seen: seen.Enqueue);
        await using var gate = Gate(server, null);

        await gate.SendSecurelyAsync($"GET / HTTP/1.1\r\nHost: api.example\r\n{field}\r\n\r\n");

        Assert.Equal("GET / HTTP/1.1\r\nHost: api.example\r\n\r\n", Assert.Single(seen));
    }

    [Fact]
    public async Task AgentAuth_Allow_LetsTheAgentsPass()
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = TestServer.SecureOk(seen: seen.Enqueue);
        await using var gate = new TestGate(
            new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example") with { AgentAuth = true }]), secrets: Secrets).Leading(server);

        await gate.SendSecurelyAsync("GET / HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer mine\r\nCookie: a=b\r\n\r\n");

        Assert.Contains("Authorization: Bearer mine\r\nCookie: a=b", Assert.Single(seen));
    }

    [Theory]
    [InlineData("GET /" + Fake + " HTTP/1.1\r\nHost: api.example\r\n\r\n", "path")]
    [InlineData("GET /?q=" + Fake + " HTTP/1.1\r\nHost: api.example\r\n\r\n", "query")]
    [InlineData("GET /?q=%70laceholder-0123456789 HTTP/1.1\r\nHost: api.example\r\n\r\n", "query")]
    [InlineData("GET / HTTP/1.1\r\nHost: api.example\r\nX-Other: " + Fake + "\r\n\r\n", "header")]
    [InlineData("GET / HTTP/1.1\r\nHost: api.example\r\n" + Fake + ": 1\r\n\r\n", "header")]
    [InlineData("GET / HTTP/1.1\r\nHost: api.example\r\nUser-Agent: x cGxhY2Vob2xkZXItMDEyMzQ1Njc4OQ==\r\n\r\n", "header")]
    public async Task APlaceholderOutOfItsPlace_IsDeniedAndRings(string request, string place)
    {
        await using var server = TestServer.SecureOk();
        await using var gate = Gate(server, new RouteAuth(AuthScheme.Bearer, Reference));

        var response = await gate.SendSecurelyAsync(request);

        Assert.Equal(403, response.Status);
        Assert.DoesNotContain(Fake, response.Body);
        var rung = EventKinds.EgressCanary.Read(await gate.Events.NextEventAsync());
        Assert.Equal(("api.example", place, "token_ref API_TOKEN", "denied"), (rung.Host, rung.Place, rung.Planted, rung.Action));
        Assert.Equal("planted-value", (await gate.Events.NextAsync()).Rule);
        Assert.Equal(0, server.Accepted - 1); // dialled by CONNECT; nothing was sent
    }

    [Fact]
    public async Task APlaceholderForAnotherHost_RingsAlsoWhereTheHostIsDenied()
    {
        await using var gate = new TestGate(EgressOptions.DenyAll, secrets: Secrets);

        var response = await gate.SendAsync($"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer {Fake}\r\n\r\n");

        Assert.Equal(403, response.Status);
        Assert.Equal("evil.example", EventKinds.EgressCanary.Read(await gate.Events.NextEventAsync()).Host);
    }

    [Fact]
    public async Task ASecretOfTheOperators_IsDenied()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = Gate(server, null);

        var response = await gate.SendSecurelyAsync("GET /?x=operators-own-key-77 HTTP/1.1\r\nHost: api.example\r\n\r\n");

        Assert.Equal(403, response.Status);
        var decision = await gate.Events.NextAsync();
        Assert.Equal("known-secret", decision.Rule);
        Assert.Contains("OPERATOR_KEY", decision.Reason);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nX-Echo: Bearer {0}\r\nContent-Length: 24\r\n\r\nyou sent {0}..", "you sent *******************..")]
    [InlineData("HTTP/1.1 200 {0}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nr3al-\r\ne\r\ns3cret-value-1\r\n0\r\nX-Trailer: {0}\r\n\r\n", "*******************")]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: </{0}>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "")]
    public async Task AnEcho_IsCovered(string answer, string body)
    {
        answer = string.Format(answer, Real).Replace("Content-Length: 24", "Content-Length: 30");
        await using var server = TestServer.SecurelyAnswering(answer);
        await using var gate = Gate(server, new RouteAuth(AuthScheme.Bearer, Reference));
        using var client = await gate.ConnectSecurelyAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: api.example\r\n\r\n");
        var response = await client.ReadResponseAsync();
        Assert.DoesNotContain(Real, response.Head);
        if (response.Status == 103)
        {
            response = await client.ReadResponseAsync();
        }

        Assert.Equal((200, body), (response.Status, response.Body));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("gzip, br")]
    public async Task AnEchoInACodedBody_IsCoveredAndTheBodyDecoded(string coding)
    {
        var body = ContentDecoderTests.Encode(coding, Encoding.ASCII.GetBytes($"you sent {Real}"));
        var answer = Encoding.Latin1.GetString([.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {body.Length}\r\n\r\n"), .. body]);
        await using var server = TestServer.SecurelyAnswering(answer);
        await using var gate = Gate(server, new RouteAuth(AuthScheme.Bearer, Reference));

        var response = await gate.SendSecurelyAsync("GET / HTTP/1.1\r\nHost: api.example\r\nAccept-Encoding: gzip, br\r\n\r\n");

        Assert.Equal($"you sent {new string('*', Real.Length)}", response.Body);
        Assert.DoesNotContain("Content-Encoding", response.Head);
    }

    [Fact]
    public async Task ACodedBodyThatCannotBeChecked_Is502()
    {
        await using var server = TestServer.SecurelyAnswering("HTTP/1.1 200 OK\r\nContent-Encoding: exi\r\nContent-Length: 3\r\n\r\nabc");
        await using var gate = Gate(server, new RouteAuth(AuthScheme.Bearer, Reference));

        Assert.Equal(502, (await gate.SendSecurelyAsync("GET / HTTP/1.1\r\nHost: api.example\r\n\r\n")).Status);
    }

    [Theory]
    [InlineData("gzip, deflate, br, exi", "gzip, deflate, br, identity")]
    [InlineData("exi;q=1, gzip;q=0.5", "gzip;q=0.5, identity")]
    [InlineData("*", "identity")]
    public async Task AcceptEncoding_IsNarrowedToWhatCanBeRead(string accepted, string expected)
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = TestServer.SecureOk(seen: seen.Enqueue);
        await using var gate = Gate(server, new RouteAuth(AuthScheme.Bearer, Reference));

        await gate.SendSecurelyAsync($"GET / HTTP/1.1\r\nHost: api.example\r\nAccept-Encoding: {accepted}\r\n\r\n");

        Assert.Contains($"\r\nAccept-Encoding: {expected}\r\n", Assert.Single(seen));
    }

    [Fact]
    public async Task ACredential_DoesNotTravelInTheClear()
    {
        await using var server = TestServer.Ok();
        await using var gate = Gate(server, new RouteAuth(AuthScheme.Bearer, Reference));

        var response = await gate.SendAsync("GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n");

        Assert.Equal(403, response.Status);
        Assert.Contains("auth-needs-tls", response.Body);
        Assert.Equal(0, server.Accepted);
    }

    [Fact]
    public async Task AnEventStream_IsPassedOnAsItComes_ThoughItIsMasked()
    {
        var next = new SemaphoreSlim(0);
        await using var server = TestServer.Secure(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"u8.ToArray());
            for (var i = 0; i < 3; i++)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"data: {i}\n\n"));
                await next.WaitAsync(TimeSpan.FromSeconds(30));
            }
        });
        await using var gate = Gate(server, new RouteAuth(AuthScheme.Bearer, Reference));
        using var client = await gate.ConnectSecurelyAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: api.example\r\n\r\n");
        await client.ReadHeadAsync();

        for (var i = 0; i < 3; i++)
        {
            var text = "";
            while (!text.Contains($"data: {i}\n\n"))
            {
                text += await client.ReadSomeAsync();
            }

            next.Release();
        }
    }

    private static TestGate Gate(TestServer server, RouteAuth? auth)
        => new TestGate(new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example") with { Auth = auth }]), secrets: Secrets).Leading(server);
}
