using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Belljar.Contracts;
using Belljar.Egress.Policy;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Tests.Gate;

public class HttpTests
{
    /// <summary>Where nobody looks nothing is held, and every byte goes on as it comes.</summary>
    private static readonly EgressRoute Unscanned = EgressRoute.To("api.example") with { Scan = RouteScan.Off };

    [Fact]
    public async Task Get_OfAnAllowedHost_PassesAndIsRecorded()
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = TestServer.Ok(seen: seen.Enqueue);
        await using var gate = TestGate.For(server);

        var response = await gate.SendAsync("GET http://api.example/a/./b?q=1 HTTP/1.1\r\nHost: api.example\r\nX-One: 1\r\n\r\n");

        Assert.Equal((200, "hello"), (response.Status, response.Body));
        Assert.Equal("GET /a/b?q=1 HTTP/1.1\r\nHost: api.example\r\nX-One: 1\r\n\r\n", Assert.Single(seen));
        var e = await gate.Events.NextEventAsync();
        Assert.Equal("dev-abcde", e.Session);
        var decision = Contracts.Events.EventKinds.EgressDecision.Read(e);
        Assert.Equal(("api.example", 80, "GET", "/a/b", TestGate.PublicAddress), (decision.Host, decision.Port, decision.Method, decision.Path, decision.Address));
        Assert.Equal((Verdict.Allow, "route:api.example", 200, 0L, 5L),
            (decision.Decision, decision.Rule, decision.Status, decision.BytesUp, decision.BytesDown));
    }

    [Fact]
    public async Task KeepAlive_ThreeRequests_UseOneConnectionOnEachSide()
    {
        await using var server = TestServer.Ok();
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectAsync();

        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync($"GET http://api.example/{i} HTTP/1.1\r\nHost: api.example\r\n\r\n");
            Assert.Equal("hello", (await client.ReadResponseAsync()).Body);
            Assert.Equal($"/{i}", (await gate.Events.NextAsync()).Path);
        }

        Assert.Equal((1, 1), (server.Accepted, gate.Resolver.Asked));
    }

    [Fact]
    public async Task Pipelined_Requests_AreAnsweredInOrder()
    {
        await using var server = new TestServer(async stream =>
        {
            while (await TestServer.ReadHeadAsync(stream) is { } head)
            {
                var path = head.Split(' ')[1];
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {path.Length}\r\n\r\n{path}"));
            }
        });
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectAsync();

        await client.SendAsync(string.Concat(Enumerable.Range(0, 20).Select(i => $"GET http://api.example/{i} HTTP/1.1\r\nHost: api.example\r\n\r\n")));

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal($"/{i}", (await client.ReadResponseAsync()).Body);
        }
    }

    [Fact]
    public async Task KeptUpstream_ThatClosed_IsDialledAgain()
    {
        await using var server = new TestServer(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray());
        });
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectAsync();

        for (var i = 0; i < 5; i++)
        {
            await client.SendAsync("GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n");
            Assert.Equal((200, "ok"), ((await client.ReadResponseAsync()) is var response ? (response.Status, response.Body) : default));
        }

        Assert.Equal(5, server.Accepted);
    }

    [Fact]
    public async Task HopByHopFields_AreNotPassedOnEitherWay()
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = TestServer.Answering(
            "HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nX-End: 1\r\nContent-Length: 0\r\n\r\n", seen.Enqueue);
        await using var gate = TestGate.For(server);

        var response = await gate.SendAsync("GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\nConnection: X-Secret, Host\r\nX-Secret: 1\r\n"
            + "Proxy-Authorization: Basic eA==\r\nProxy-Connection: x\r\nTE: trailers\r\nUpgrade: h2c\r\nX-End: 1\r\n\r\n");

        Assert.Equal("GET / HTTP/1.1\r\nHost: api.example\r\nX-End: 1\r\n\r\n", Assert.Single(seen));
        Assert.Equal("HTTP/1.1 200 OK\r\nX-End: 1\r\nContent-Length: 0\r\n\r\n", response.Head);
    }

    [Fact]
    public async Task Chunked_BothWays_IsFramedAnewWithTrailers()
    {
        var received = new TaskCompletionSource<string>();
        await using var server = new TestServer(async stream =>
        {
            var head = await TestServer.ReadHeadAsync(stream);
            var body = await TestServer.ReadExactlyAsync(stream, "5\r\nhello\r\n6\r\n world\r\n0\r\nX-Up: 1\r\n\r\n".Length);
            received.SetResult(head + body);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n0003\r\ndef\r\n0\r\nX-Down: 1\r\n\r\n"u8.ToArray());
        });
        await using var gate = TestGate.For(server, Unscanned);
        using var client = await gate.ConnectAsync();

        await client.SendAsync("POST http://api.example/ HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "005;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX-Up: 1\r\n\r\n");

        var head = await client.ReadHeadAsync();
        var body = "";
        while (!body.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            body += await client.ReadSomeAsync();
        }

        Assert.Equal("POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\nX-Up: 1\r\n\r\n", await received.Task);
        Assert.Equal("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", head);
        Assert.Equal("3\r\nabc\r\n3\r\ndef\r\n0\r\nX-Down: 1\r\n\r\n", body);
        var decision = await gate.Events.NextAsync();
        Assert.Equal((11L, 6L), (decision.BytesUp, decision.BytesDown));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FiveMegabytes_EachWay_ArriveWhole(bool isChunked)
    {
        const int size = 5 << 20;
        await using var server = new TestServer(async stream =>
        {
            // Echoes while it receives, so that both ways are busy at once.
            var head = (await TestServer.ReadHeadAsync(stream))!;
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n"));
            var reader = new BodyReader(Http1Limits.Default);
            reader.Start(head.Contains("chunked") ? BodyFraming.Chunked : BodyFraming.Of(size));
            var buffer = new byte[16 * 1024];
            while (!reader.IsComplete)
            {
                var count = await stream.ReadAsync(buffer);
                await stream.WriteAsync(Unframed(reader, buffer.AsSpan(0, count)));
            }
        });
        await using var gate = TestGate.For(server);
        using var http = gate.HttpClient();
        var sent = RandomNumberGenerator.GetBytes(size);
        using var content = isChunked ? (HttpContent)new StreamContent(new Unseekable(sent)) : new ByteArrayContent(sent);

        using var response = await http.PostAsync(new Uri("http://api.example/echo"), content);

        var received = await response.Content.ReadAsByteArrayAsync();
        Assert.True(sent.AsSpan().SequenceEqual(received));
        var decision = await gate.Events.NextAsync();
        Assert.Equal(((long)size, (long)size), (decision.BytesUp, decision.BytesDown));
    }

    [Fact]
    public async Task ServerSentEvents_PassAsTheyCome()
    {
        var step = new SemaphoreSlim(0);
        await using var server = new TestServer(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"u8.ToArray());
            for (var i = 0; i < 3; i++)
            {
                await step.WaitAsync();
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"data: {i}\n\n"));
            }

            await step.WaitAsync();
        });
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectAsync();
        await client.SendAsync("GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n");
        await client.ReadHeadAsync();

        for (var i = 0; i < 3; i++)
        {
            step.Release();
            Assert.Equal($"9\r\ndata: {i}\n\n\r\n", await client.ReadSomeAsync());
        }

        step.Release();
        Assert.Equal("0\r\n\r\n", await client.ReadSomeAsync());
        await client.SendAsync("GET http://belljar.internal/routes HTTP/1.1\r\nHost: belljar.internal\r\n\r\n");
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Expect_IsPassedUpAndTheInterimAnswerDown()
    {
        await using var server = new TestServer(async stream =>
        {
            Assert.Contains("Expect: 100-continue", await TestServer.ReadHeadAsync(stream));
            await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
            var body = await TestServer.ReadExactlyAsync(stream, 4);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{body}"));
        });
        await using var gate = TestGate.For(server, Unscanned);
        using var client = await gate.ConnectAsync();

        await client.SendAsync("PUT http://api.example/ HTTP/1.1\r\nHost: api.example\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await client.ReadHeadAsync());
        await client.SendAsync("body");

        Assert.Equal("body", (await client.ReadResponseAsync()).Body);
    }

    [Fact]
    public async Task Expect_RefusedByTheHost_EndsWithItsAnswer()
    {
        await using var server = TestServer.Answering("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
        await using var gate = TestGate.For(server, Unscanned);
        using var client = await gate.ConnectAsync();

        await client.SendAsync("PUT http://api.example/ HTTP/1.1\r\nHost: api.example\r\nContent-Length: 4000\r\nExpect: 100-continue\r\n\r\n");

        Assert.Equal((413, "big"), (await client.ReadResponseAsync()) is var response ? (response.Status, response.Body) : default);
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task ARequestBodyThatIsMalformed_Is400AndNeverWholeUpstream()
    {
        var received = new TaskCompletionSource<string>();
        await using var server = new TestServer(async stream =>
        {
            using var reader = new StreamReader(stream, Encoding.Latin1);
            try
            {
                received.SetResult(await reader.ReadToEndAsync());
            }
            catch (IOException)
            {
                received.SetResult("reset");
            }
        });
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectAsync();

        await client.SendAsync("POST http://api.example/ HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n-1\r\n");
        var response = await client.ReadResponseAsync();

        Assert.Equal(400, response.Status);
        Assert.Contains("malformed:ChunkSizeMalformed", response.Body);
        Assert.True(await client.IsClosedAsync());
        Assert.DoesNotContain("0\r\n\r\n", await received.Task);
        Assert.Equal((Verdict.Deny, "malformed:ChunkSizeMalformed"), (await gate.Events.NextAsync()) is var e ? (e.Decision, e.Rule) : default);
    }

    [Fact]
    public async Task TwoHundredClients_AtOnce_AreAllServed()
    {
        await using var server = TestServer.Ok("concurrent");
        await using var gate = TestGate.For(server);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            using var client = await gate.ConnectAsync();
            for (var n = 0; n < 5; n++)
            {
                await client.SendAsync($"GET http://api.example/{i}/{n} HTTP/1.1\r\nHost: api.example\r\n\r\n");
                Assert.Equal("concurrent", (await client.ReadResponseAsync()).Body);
            }
        }));

        var paths = new HashSet<string?>();
        for (var i = 0; i < 1000; i++)
        {
            paths.Add((await gate.Events.NextAsync()).Path);
        }

        Assert.Equal(1000, paths.Count);
    }

    private static byte[] Unframed(BodyReader reader, ReadOnlySpan<byte> input)
    {
        List<byte> body = [];
        while (reader.Read(input, out var consumed, out var data) is BodyStatus.Data)
        {
            body.AddRange(data);
            input = input[consumed..];
        }

        return [.. body];
    }

    /// <summary>Without a length, HttpClient sends it chunked.</summary>
    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
