using System.Net;
using System.Text;
using Belljar.Contracts;
using Belljar.Egress.Policy;

namespace Belljar.Egress.Tests.Gate;

/// <summary>What hosts answer, and what the client gets of it.</summary>
public class AnswerTests
{
    [Theory]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "Content-Length: 1000")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\n\r\n", "204 No Content")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\nETag: x\r\n\r\n", "Content-Length: 1000")]
    [InlineData("DELETE", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "Content-Length: 0")]
    public async Task AnswersWithoutABody_KeepTheConnection(string method, string answer, string has)
    {
        await using var server = TestServer.Answering(answer);
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectAsync();

        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync($"{method} http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n");
            var response = await client.ReadResponseAsync(method);
            Assert.Contains(has, response.Head);
            Assert.Equal("", response.Body);
        }

        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task Redirect_IsOnlyPassedBack()
    {
        await using var server = TestServer.Answering("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n");
        await using var gate = TestGate.For(server);

        var response = await gate.SendAsync("GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n");

        Assert.Equal(302, response.Status);
        Assert.Contains("Location: http://169.254.169.254/", response.Head);
        Assert.Equal(TestGate.PublicAddress, Assert.Single(gate.Dialler.Dialled).Address.ToString());
    }

    [Fact]
    public async Task Http10Client_GetsAnAnswerThatEndsWithTheConnection()
    {
        await using var server = TestServer.Answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        await using var gate = TestGate.For(server);

        var response = await gate.SendAsync("GET http://api.example/ HTTP/1.0\r\n\r\n");

        Assert.Equal((200, "hello", true), (response.Status, response.Body, response.Closes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\nX: y\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n")]
    public async Task AHostThatAnswersBadly_IsA502WithItsReason(string answer)
    {
        await using var server = new TestServer(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(answer));
        });
        await using var gate = TestGate.For(server);

        var response = await gate.SendAsync("GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n");

        Assert.Equal(502, response.Status);
        Assert.Contains("\"error\":\"upstream_failed\"", response.Body);
        var decision = await gate.Events.NextAsync();
        Assert.Equal((Verdict.Allow, 502, 0L), (decision.Decision, decision.Status, decision.BytesDown));
        Assert.NotEqual("", decision.Reason);
    }

    [Fact]
    public async Task AHostThatIsNotThere_IsA502AndTheConnectionStays()
    {
        await using var gate = new TestGate(new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example"), EgressRoute.To("gone.example")]));
        gate.Resolver.Names["api.example"] = [IPAddress.Parse(TestGate.PublicAddress)];
        using var client = await gate.ConnectAsync();

        await client.SendAsync("GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n");
        var refused = await client.ReadResponseAsync();
        await client.SendAsync("GET http://gone.example/ HTTP/1.1\r\nHost: gone.example\r\n\r\n");
        var unknown = await client.ReadResponseAsync();

        Assert.Equal((502, 502), (refused.Status, unknown.Status));
        Assert.Contains("the connection was refused", refused.Body);
        Assert.Contains("the name does not exist", unknown.Body);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    public async Task AnAnswerThatIsCutOff_IsSeenAsSuch(string answer)
    {
        await using var server = new TestServer(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(answer));
        });
        await using var gate = TestGate.For(server);

        var response = await gate.SendAsync("GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n");

        Assert.Equal((200, true), (response.Status, response.WasCut));
        Assert.NotEqual("", (await gate.Events.NextAsync()).Reason);
    }
}
