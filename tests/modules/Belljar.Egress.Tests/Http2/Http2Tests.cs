using System.Globalization;
using System.Net;
using System.Text;
using Belljar.Contracts;
using Belljar.Egress.Gate;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Belljar.Protocols.Http2;

namespace Belljar.Egress.Tests.Http2;

/// <summary>What holds for a request holds for it in HTTP/2, too.</summary>
public class Http2Tests
{
    private const string Fake = "placeholder-0123456789";
    private const string Real = "r3al-s3cret-value-1";
    private static readonly RouteAuth Auth = new(AuthScheme.Bearer, new CredentialReference(CredentialReference.Variable, ["API_TOKEN"]));

    [Fact]
    public async Task ARequest_ReachesTheHostInHttp1_AndItsAnswerComesBack()
    {
        var heads = new List<string>();
        await using var server = TestServer.SecurelyAnswering("HTTP/1.1 201 Made\r\nX-Answer: yes\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\ndone", heads.Add);
        await using var gate = TestGate.For(server);
        using var client = await RawHttp2.ConnectAsync(gate);

        await client.HeadersAsync(1, RawHttp2.Get("/a/../b?q=1", ("x-one", "1"), ("cookie", "a=b"), ("authorization", "Bearer mine"), ("te", "trailers")));

        Assert.Equal(new StreamEnd(201, ":status: 201\nx-answer: yes\ncontent-length: 4\n", "done", "", null), await client.EndAsync(1));
        Assert.Equal("GET /b?q=1 HTTP/1.1\r\nHost: api.example\r\nx-one: 1\r\n\r\n", Assert.Single(heads));
        Assert.Equal((Verdict.Allow, "/b", 201), await gate.Events.NextAsync() is var decision ? (decision.Decision, decision.Path, decision.Status) : default);
    }

    [Theory]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", 200, "")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, "")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", 304, "")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\nX-After: yes\r\n\r\n", 200, "abc")]
    [InlineData("GET", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", 200, "a")]
    public async Task AnswersOfAllShapes_EndTheirStream(string method, string answer, int status, string body)
    {
        await using var server = TestServer.SecurelyAnswering(answer);
        await using var gate = TestGate.For(server);
        using var client = await RawHttp2.ConnectAsync(gate);

        for (var stream = 1; stream < 6; stream += 2)
        {
            await client.HeadersAsync(stream, [(":method", method), .. RawHttp2.Get()[1..]]);

            var end = await client.EndAsync(stream);
            Assert.Equal((status, body, null), (end.Status, end.Body, end.Reset));
            Assert.Equal(answer.Contains("X-After") ? "x-after: yes\n" : "", end.Trailers);
        }
    }

    [Fact]
    public async Task ABodyWithTrailers_ArrivesWithThem()
    {
        var arrived = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = TestServer.Secure(async stream =>
        {
            Assert.Contains("Transfer-Encoding: chunked", await TestServer.ReadHeadAsync(stream));
            arrived.SetResult(await ReadToAsync(stream, "\r\n\r\n"));
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        });
        await using var gate = TestGate.For(server);
        using var client = await RawHttp2.ConnectAsync(gate);

        await client.HeadersAsync(1, RawHttp2.Post(), ends: false);
        await client.SendAsync(FrameType.Data, FrameFlags.Padded, 1, [4, .. "abc"u8, 0, 0, 0, 0]);
        await client.HeadersAsync(1, [("x-sum", "1234")]);

        Assert.Equal(200, (await client.EndAsync(1)).Status);
        Assert.Equal("3\r\nabc\r\n0\r\nx-sum: 1234\r\n\r\n", await arrived.Task);
    }

    [Fact]
    public async Task ASecretInATrailer_IsDenied()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = Gate(server, EgressRoute.To("api.example"));
        using var client = await RawHttp2.ConnectAsync(gate);

        await client.HeadersAsync(1, RawHttp2.Post(), ends: false);
        await client.DataAsync(1, "abc");
        await client.HeadersAsync(1, [("x-sum", Fake)]);

        Assert.Equal((403, true), await client.EndAsync(1) is var end ? (end.Status, end.Body.Contains("planted-value")) : default);
    }

    [Theory]
    [InlineData("/?q=" + Fake, "x", "y", "query")]
    [InlineData("/" + Fake, "x", "y", "path")]
    [InlineData("/", "x", Fake, "header")]
    [InlineData("/", "x-" + Fake, "y", "header")]
    [InlineData("/", "cookie", "a=placeholder-012|cookie|3456789", "")]
    public async Task ASecretInTheHead_IsDenied(string path, string name, string value, string place)
    {
        await using var server = TestServer.SecureOk();
        await using var gate = Gate(server, EgressRoute.To("api.example"));
        using var client = await RawHttp2.ConnectAsync(gate);
        var crumbs = value.Split("|cookie|");

        await client.HeadersAsync(1, RawHttp2.Get(path, [.. crumbs.Select(crumb => (name, crumb))]));

        // A crumb by itself is no secret, and what is stripped does not leave.
        Assert.Equal(place.Length > 0 ? 403 : 200, (await client.EndAsync(1)).Status);
    }

    [Fact]
    public async Task ASecretInABody_IsDenied_AndTheHostSeesNothing()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = Gate(server, EgressRoute.To("api.example"));
        using var client = await RawHttp2.ConnectAsync(gate);

        await client.HeadersAsync(1, RawHttp2.Post("/", ("content-length", "30")), ends: false);
        foreach (var one in $"abcd{Fake}efgh")
        {
            await client.DataAsync(1, $"{one}");
        }

        var end = await client.EndAsync(1);
        Assert.Equal((403, true), (end.Status, end.Body.Contains("planted-value")));
        await client.HeadersAsync(3, RawHttp2.Get());
        Assert.Equal(200, (await client.EndAsync(3)).Status);
    }

    [Fact]
    public async Task ACredential_IsPutIn_AndItsEchoIsCovered()
    {
        await using var server = TestServer.Secure(async stream =>
        {
            while (await TestServer.ReadHeadAsync(stream) is { } head)
            {
                await stream.WriteAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nX-Echo: {Real}\r\nContent-Length: {head.Length}\r\n\r\n{head}"));
            }
        });
        await using var gate = Gate(server, EgressRoute.To("api.example") with { Auth = Auth });
        using var client = await RawHttp2.ConnectAsync(gate);

        await client.HeadersAsync(1, RawHttp2.Get("/", ("authorization", $"Bearer {Fake}")));

        var end = await client.EndAsync(1);
        Assert.Contains($"Authorization: Bearer {new string('*', Real.Length)}", end.Body);
        Assert.DoesNotContain(Real, end.Body + end.Fields);
    }

    [Fact]
    public async Task Expect_IsAnsweredByTheGate_WhereItHoldsTheBody()
    {
        await using var server = TestServer.Secure(async stream =>
        {
            Assert.DoesNotContain("Expect", await TestServer.ReadHeadAsync(stream));
            Assert.Equal("abc", await TestServer.ReadExactlyAsync(stream, 3));
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        });
        await using var gate = TestGate.For(server);
        using var client = await RawHttp2.ConnectAsync(gate);

        await client.HeadersAsync(1, RawHttp2.Post("/", ("expect", "100-continue"), ("content-length", "3")), ends: false);
        Assert.Equal(":status: 100\n", client.Read((await client.NextAsync(FrameType.Headers)).Payload));
        await client.DataAsync(1, "abc", ends: true);

        Assert.Equal(200, (await client.EndAsync(1)).Status);
    }

    /// <summary>Each event is there before the next one is sent.</summary>
    [Fact]
    public async Task AStreamOfEvents_ComesAsItIsSent()
    {
        var next = new SemaphoreSlim(0);
        await using var server = TestServer.Secure(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"u8.ToArray());
            for (var i = 0; i < 5; i++)
            {
                await next.WaitAsync();
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"data: {i}\n\n"));
            }
        });
        await using var gate = TestGate.For(server);
        using var client = GrpcTests.Client(gate);

        await using var events = await client.GetStreamAsync("https://api.example/events");

        using var lines = new StreamReader(events);
        for (var i = 0; i < 5; i++)
        {
            next.Release();
            Assert.Equal($"data: {i}", await lines.ReadLineAsync());
            Assert.Equal("", await lines.ReadLineAsync());
        }

        Assert.Null(await lines.ReadLineAsync());
    }

    /// <summary>More than any window holds, both ways, many at a time over one connection.</summary>
    [Fact]
    public async Task ManyLargeBodies_GoBothWaysAtOnce()
    {
        const int Length = 3 << 20;
        await using var server = TestServer.Secure(async stream =>
        {
            while (await TestServer.ReadHeadAsync(stream) is { } head)
            {
                var length = int.Parse(head.Split("Content-Length: ")[1].Split('\r')[0], CultureInfo.InvariantCulture);
                await TestServer.ReadExactlyAsync(stream, length);
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"));
                await stream.WriteAsync(new byte[length]);
            }
        });
        await using var gate = TestGate.For(server, EgressRoute.To("api.example") with { Scan = RouteScan.Off });
        using var client = GrpcTests.Client(gate);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            using var response = await client.PostAsync($"https://api.example/{i}", new ByteArrayContent(new byte[Length + i]));
            return (await response.Content.ReadAsByteArrayAsync()).Length;
        }));

        Assert.Equal(Enumerable.Range(0, 8).Select(i => Length + i), answers);
        Assert.Equal(1, gate.Gate.Connections);
    }

    /// <summary>The second request needs no second connection, inside or outside.</summary>
    [Fact]
    public async Task RequestsAfterEachOther_KeepTheHostsConnection()
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server);
        using var client = await RawHttp2.ConnectAsync(gate);

        for (var stream = 1; stream < 20; stream += 2)
        {
            await client.HeadersAsync(stream, RawHttp2.Get());
            Assert.Equal(200, (await client.EndAsync(stream)).Status);

            // A lane is free soon after its event is on its way; not always before the next request, but not never.
            await gate.Events.NextAsync();
        }

        Assert.InRange(server.Accepted, 1, 9);
    }

    [Fact]
    public async Task AStreamThatTheClientResets_EndsAtTheHost_AndTheOthersGoOn()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = TestServer.Secure(async stream =>
        {
            while (await TestServer.ReadHeadAsync(stream) is { } head)
            {
                if (head.StartsWith("GET /hangs", StringComparison.Ordinal))
                {
                    asked.SetResult();
                    try
                    {
                        Assert.Null(await TestServer.ReadHeadAsync(stream));
                    }
                    catch (IOException)
                    {
                        // As good as an end.
                    }

                    ended.SetResult();
                    return;
                }

                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            }
        });
        await using var gate = TestGate.For(server);
        using var client = await RawHttp2.ConnectAsync(gate);
        await client.HeadersAsync(1, RawHttp2.Get("/hangs"));
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60));

        await client.SendAsync(output => FrameWriter.RstStream(output, 1, Http2ErrorCode.Cancel));

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await client.HeadersAsync(3, RawHttp2.Get());
        Assert.Equal(200, (await client.EndAsync(3)).Status);
    }

    [Fact]
    public async Task AnAnswerThatIsCutOff_IsSeenAsCutOff()
    {
        await using var server = TestServer.Secure(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"u8.ToArray());
        });
        await using var gate = TestGate.For(server);
        using var client = await RawHttp2.ConnectAsync(gate);

        await client.HeadersAsync(1, RawHttp2.Get());

        Assert.Equal(Http2ErrorCode.InternalError, (await client.EndAsync(1)).Reset);
    }

    [Fact]
    public async Task AGateThatStops_LetsAStreamFinish()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = TestServer.Secure(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            asked.SetResult();
            await answer.Task;
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray());
        });
        await using var gate = new TestGate(
            new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example")]), EgressLimits.Default with { Drain = TimeSpan.FromSeconds(60) }).Leading(server);
        using var client = await RawHttp2.ConnectAsync(gate);
        await client.HeadersAsync(1, RawHttp2.Get());
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60));

        var stopping = gate.StopAsync();
        answer.SetResult();

        Assert.Equal("ok", (await client.EndAsync(1)).Body);

        // A gate that began to stop only after the answer closes an idle connection as it does in HTTP/1.1.
        Assert.True(await client.GoAwayAsync() is null or Http2ErrorCode.NoError);
        client.Dispose();
        await stopping;
    }

    /// <summary>A client that offers both is served what it prefers no less than a client that knows only one.</summary>
    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task TheClientsHello_ChoosesTheProtocol(string version)
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server);
        using var client = GrpcTests.Client(gate);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://api.example/")
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var response = await client.SendAsync(request);

        Assert.Equal((Version.Parse(version), HttpStatusCode.OK), (response.Version, response.StatusCode));
    }

    private static TestGate Gate(TestServer server, EgressRoute route) => new TestGate(
        new EgressOptions(EgressMode.Enforce, [route]),
        secrets: TestGate.Secrets with { Credentials = [new Credential(Auth.Value.Name, Real, Fake)] }).Leading(server);

    private static async Task<string> ReadToAsync(Stream stream, string end)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
        {
            text.Append((char)one[0]);
        }

        return text.ToString();
    }
}
