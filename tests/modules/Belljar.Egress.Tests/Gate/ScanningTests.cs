using System.Buffers;
using System.Globalization;
using System.Text;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Egress.Policy;
using Belljar.Egress.Scanning;
using Belljar.Egress.Secrets;
using Belljar.Egress.Tests.Bodies;

namespace Belljar.Egress.Tests.Gate;

public class ScanningTests
{
    private const string Fake = "placeholder/0123456789+abc";
    private const string Known = "operators-own-key-77";

    private static readonly GateSecrets Secrets = TestGate.Secrets with
    {
        Credentials = [new Credential("token_ref OTHER", "r3al-s3cret-value-1", Fake)],
        Known = [new KnownSecret("OPERATOR_KEY", Known)],
    };

    /// <summary>Every way of writing a value that a body can be searched for without knowing what it is.</summary>
    public static TheoryData<string, string> Encodings() => new()
    {
        { "text/plain", Fake },
        { "text/plain", new string([.. Fake.Reverse()]) },
        { "text/plain", Convert.ToHexString(Encoding.ASCII.GetBytes(Fake)) },
        { "text/plain", Convert.ToHexStringLower(Encoding.ASCII.GetBytes(Fake)) },
        { "text/plain", Convert.ToBase64String(Encoding.ASCII.GetBytes(Fake)) },
        { "text/plain", Convert.ToBase64String(Encoding.ASCII.GetBytes("x" + Fake)) },
        { "text/plain", Convert.ToBase64String(Encoding.ASCII.GetBytes("xy" + Fake + "z")) },
        { "text/plain", Convert.ToBase64String(Encoding.ASCII.GetBytes(Fake)).Replace('+', '-').Replace('/', '_').TrimEnd('=') },
        { "text/plain", Uri.EscapeDataString(Fake) },
        { "text/plain", string.Concat(Fake.Select(c => $"%{(int)c:x2}")) },
        { "text/plain", Encoding.Latin1.GetString(Encoding.Unicode.GetBytes(Fake)) },
        { "text/plain", Encoding.Latin1.GetString(Encoding.BigEndianUnicode.GetBytes(Fake)) },
        { "application/json", $"{{\"{Fake}\":1}}" },
        { "application/json", $"{{\"a\":\"{Fake.Replace("/", "\\/")}\"}}" },
        { "application/json", $"{{\"a\":\"{string.Concat(Fake.Select(c => $"\\u{(int)c:x4}"))}\"}}" },
        { "application/json", $"{{\"a\":\"\\u0070laceholder\\/\\u00301\\u0032\\u0033456789+abc\"}}" },
        { "application/json", $"{{\"query\":\"mutation {{ a(b:\\\"{Fake}\\\") }}\"}}" },
        { "application/x-www-form-urlencoded", $"a=1&b=p%6caceholder%2F0123456789%2babc" },
        { "multipart/form-data; boundary=b", $"--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{Fake}\"\r\n\r\nx\r\n--b--\r\n" },
        { "multipart/form-data; boundary=b", $"--b\r\nContent-Disposition: form-data; name=\"f\"\r\nX-Part: {Fake}\r\n\r\nx\r\n--b--\r\n" },
        { "multipart/form-data; boundary=b", $"--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n{Fake}\r\n--b--\r\n" },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task AValueInABody_IsDeniedBeforeAnythingIsSent(string type, string body)
    {
        foreach (var coding in new[] { "", "gzip", "deflate", "br", "br, gzip" })
        {
            var bytes = ContentDecoderTests.Encode(coding, Encoding.Latin1.GetBytes("before " + body + " after"));
            var reached = new StringBuilder();
            await using var server = Reading(reached);
            await using var gate = Gate(server);

            var response = await SendAsync(gate, bytes, type, coding, chunk: 0);

            Assert.Equal(403, response.Status);
            Assert.Contains("planted-value", response.Body);
            Assert.DoesNotContain(Fake, response.Body);
            Assert.Equal("body", EventKinds.EgressCanary.Read(await gate.Events.NextEventAsync()).Place);
            Assert.Equal((Verdict.Deny, "planted-value", 403), await gate.Events.NextAsync() is var decision ? (decision.Decision, decision.Rule, decision.Status) : default);
            await gate.StopAsync();
            Assert.Equal("", reached.ToString());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task AValueInChunksOfOneByte_IsDenied(string coding)
    {
        var reached = new StringBuilder();
        await using var server = Reading(reached);
        await using var gate = Gate(server);

        var response = await SendAsync(gate, ContentDecoderTests.Encode(coding, Encoding.ASCII.GetBytes($"a={Known}")), "text/plain", coding, chunk: 1);

        Assert.Equal(403, response.Status);
        Assert.Equal("known-secret", (await gate.Events.NextAsync()).Rule);
    }

    [Theory]
    [InlineData("exi")]
    [InlineData("compress")]
    [InlineData("gzip, x-unknown")]
    public async Task ACodingThatNobodyCanLookInto_IsDeniedUnlessAllowed(string coding)
    {
        await using var server = TestServer.Secure(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            await TestServer.ReadExactlyAsync(stream, 3);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        });
        await using var gate = Gate(server);

        var denied = await SendAsync(gate, "abc"u8.ToArray(), "text/plain", coding, chunk: 0);
        gate.Gate.Replace(Options(EgressRoute.To("api.example") with { AllowEncodings = ["exi", "compress", "x-unknown"] }), Secrets);
        var allowed = await SendAsync(gate, "abc"u8.ToArray(), "text/plain", coding, chunk: 0);

        Assert.Equal((403, 200), (denied.Status, allowed.Status));
        Assert.Contains("\"rule\":\"encoding\"", denied.Body);
    }

    [Fact]
    public async Task ABodyThatIsNotWhatItsCodingSays_IsDenied()
    {
        await using var server = Reading(new StringBuilder());
        await using var gate = Gate(server);

        Assert.Contains("encoding", (await SendAsync(gate, Encoding.ASCII.GetBytes(new string('\u0011', 3000)), "text/plain", "gzip", chunk: 0)).Body);
    }

    [Fact]
    public async Task AValueLateInALongBody_TheHostGetsNoCompleteBody()
    {
        const int length = 5_000_000;
        var reached = new TaskCompletionSource<long>();
        await using var server = TestServer.Secure(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            var (total, buffer) = (0L, new byte[64 * 1024]);
            try
            {
                int count;
                while ((count = await stream.ReadAsync(buffer)) > 0)
                {
                    total += count;
                }
            }
            catch (IOException)
            {
                // Reset, as it should be.
            }

            reached.SetResult(total);
        });
        await using var gate = Gate(server);
        using var client = await gate.ConnectSecurelyAsync();
        var body = Encoding.ASCII.GetBytes(new string('x', length - Known.Length) + Known);

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: {length}\r\n\r\n");
        await client.SendAsync(body);
        var response = await client.ReadResponseAsync();

        Assert.Equal(403, response.Status);
        Assert.InRange(await reached.Task, 0, length - HeldStream.Tail);
        Assert.Equal("known-secret", (await gate.Events.NextAsync()).Rule);
    }

    [Fact]
    public async Task OnARouteThatRedacts_TheHostGetsAsterisksAndTheWorkGoesOn()
    {
        var body = $"{{\"text\":\"my key is {Fake} and {Known}\"}}";
        var got = new TaskCompletionSource<string>();
        await using var server = TestServer.Secure(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            got.SetResult(await TestServer.ReadExactlyAsync(stream, body.Length));
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray());
        });
        await using var gate = new TestGate(Options(EgressRoute.To("api.example") with { Scan = RouteScan.Redact }), secrets: Secrets).Leading(server);

        var response = await SendAsync(gate, Encoding.ASCII.GetBytes(body), "application/json", "", chunk: 0);

        Assert.Equal((200, "ok"), (response.Status, response.Body));
        Assert.Equal(body.Replace(Fake, new string('*', Fake.Length)).Replace(Known, new string('*', Known.Length)), await got.Task);
        Assert.Equal("redacted", EventKinds.EgressCanary.Read(await gate.Events.NextEventAsync()).Action);
        var decision = await gate.Events.NextAsync();
        Assert.Equal(Verdict.Redact, decision.Decision);
        Assert.StartsWith("redact:", decision.Rule);
    }

    /// <summary>Agents send their prompts compressed: covered they go on, decoded.</summary>
    [Theory]
    [InlineData("gzip", 1)]
    [InlineData("br", 0)]
    [InlineData("br, gzip", 7)]
    public async Task OnARouteThatRedacts_ACodedBodyGoesOnDecodedAndCovered(string coding, int chunk)
    {
        var body = $"{{\"text\":\"my key is {Fake} and {Known}\"}}";
        var got = new TaskCompletionSource<(string Head, string Body)>();
        await using var server = TestServer.Secure(async stream =>
        {
            var head = await TestServer.ReadHeadAsync(stream);
            var chunks = new StringBuilder();
            while (!chunks.ToString().EndsWith("0\r\n\r\n", StringComparison.Ordinal))
            {
                chunks.Append(await TestServer.ReadExactlyAsync(stream, 1));
            }

            got.SetResult((head!, Unchunked(chunks.ToString())));
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray());
        });
        await using var gate = new TestGate(Options(EgressRoute.To("api.example") with { Scan = RouteScan.Redact }), secrets: Secrets).Leading(server);

        var response = await SendAsync(gate, ContentDecoderTests.Encode(coding, Encoding.ASCII.GetBytes(body)), "application/json", coding, chunk);

        Assert.Equal((200, "ok"), (response.Status, response.Body));
        var (received, text) = await got.Task;
        Assert.Equal(body.Replace(Fake, new string('*', Fake.Length)).Replace(Known, new string('*', Known.Length)), text);
        Assert.DoesNotContain("Content-Encoding", received);
        Assert.DoesNotContain("Content-Length", received);
        Assert.Equal("redacted", EventKinds.EgressCanary.Read(await gate.Events.NextEventAsync()).Action);
        Assert.Equal(Verdict.Redact, (await gate.Events.NextAsync()).Decision);
    }

    [Theory]
    [InlineData("gzip", "this is no gzip at all")]
    [InlineData("exi", "whatever")]
    public async Task OnARouteThatRedacts_ACodingThatCannotBeUndone_IsDenied(string coding, string body)
    {
        await using var server = Reading(new StringBuilder());
        await using var gate = new TestGate(Options(EgressRoute.To("api.example") with { Scan = RouteScan.Redact }), secrets: Secrets).Leading(server);

        var response = await SendAsync(gate, Encoding.ASCII.GetBytes(body), "application/json", coding, chunk: 0);

        Assert.Equal(403, response.Status);
        Assert.Equal("encoding", (await gate.Events.NextAsync()).Rule);
    }

    [Fact]
    public async Task OnARouteThatRedacts_ABombCountsAsWhatItUnfoldsTo()
    {
        await using var server = Reading(new StringBuilder());
        await using var gate = new TestGate(Options(EgressRoute.To("api.example") with { Scan = RouteScan.Redact, MaxBody = 1 << 20 }), secrets: Secrets).Leading(server);

        var response = await SendAsync(gate, ContentDecoderTests.Encode("gzip", new byte[8 << 20]), "application/json", "gzip", chunk: 0);

        Assert.Equal(403, response.Status);
        Assert.Equal("max-body", (await gate.Events.NextAsync()).Rule);
    }

    private static string Unchunked(string chunks)
    {
        var text = new StringBuilder();
        while (chunks.Length > 0)
        {
            var line = chunks.IndexOf("\r\n", StringComparison.Ordinal);
            var length = int.Parse(chunks[..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            text.Append(chunks, line + 2, length);
            chunks = chunks[(line + 2 + length + 2)..];
        }

        return text.ToString();
    }

    [Theory]
    [InlineData(RouteScan.Alert, "alert:known-secret")]
    [InlineData(RouteScan.Off, "route:api.example")]
    public async Task AlertAndOff_LetItPass(RouteScan scan, string rule)
    {
        await using var server = TestServer.Secure(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            await TestServer.ReadExactlyAsync(stream, Known.Length);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        });
        await using var gate = new TestGate(Options(EgressRoute.To("api.example") with { Scan = scan }), secrets: Secrets).Leading(server);

        Assert.Equal(200, (await SendAsync(gate, Encoding.ASCII.GetBytes(Known), "text/plain", "", chunk: 0)).Status);
        Assert.Equal(rule, (await gate.Events.NextAsync()).Rule);
    }

    [Theory]
    [InlineData("X-Sum: " + Known)]
    [InlineData(Known + ": 1")]
    public async Task AValueInATrailer_IsDenied(string trailer)
    {
        await using var server = Reading(new StringBuilder());
        await using var gate = Gate(server);

        var response = await gate.SendSecurelyAsync(
            $"POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n{trailer}\r\n\r\n", "POST");

        Assert.Equal(403, response.Status);
    }

    [Fact]
    public async Task Expect100_IsAnsweredByTheGateThatHoldsTheBody()
    {
        await using var server = TestServer.Secure(async stream =>
        {
            Assert.DoesNotContain("Expect", await TestServer.ReadHeadAsync(stream));
            await TestServer.ReadExactlyAsync(stream, 5);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        });
        await using var gate = Gate(server);
        using var client = await gate.ConnectSecurelyAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100 ", await client.ReadHeadAsync());
        await client.SendAsync("hello");

        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("GET /x.git/info/refs?service=git-receive-pack", false)]
    [InlineData("GET /x.git/info/refs?service=git%2Dreceive-pack", false)]
    [InlineData("POST /x.git/git-receive-pack", false)]
    [InlineData("POST /x.git/%67it-receive-pack", false)]
    [InlineData("POST /x.git/git-receive-pack/", false)]
    [InlineData("GET /x.git/info/refs?service=git-upload-pack", true)]
    [InlineData("POST /x.git/git-upload-pack", true)]
    public async Task GitPush_BelongsToTheGitGate(string line, bool passes)
    {
        await using var server = TestServer.SecureOk();
        await using var gate = Gate(server);

        var response = await gate.SendSecurelyAsync($"{line} HTTP/1.1\r\nHost: api.example\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal(passes ? 200 : 403, response.Status);
        if (!passes)
        {
            Assert.Contains("git gate", response.Body);
        }
    }

    [Fact]
    public async Task MaxBody_IsKept()
    {
        await using var server = Reading(new StringBuilder());
        await using var gate = new TestGate(Options(EgressRoute.To("api.example") with { MaxBody = 10 })).Leading(server);

        Assert.Contains("max-body", (await SendAsync(gate, new byte[11], "text/plain", "", chunk: 0)).Body);
        Assert.Contains("max-body", (await SendAsync(gate, new byte[11], "text/plain", "", chunk: 3)).Body);
    }

    [Fact]
    public async Task TheBenign_PassesUnharmed()
    {
        var all = new ArrayBufferWriter<byte>();
        all.Write(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(i => i.ToString("x8", CultureInfo.InvariantCulture)))));
        all.Write(Encoding.ASCII.GetBytes(Fake[..^1] + " " + Known[1..]));
        var body = all.WrittenSpan.ToArray();
        var got = new TaskCompletionSource<string>();
        await using var server = TestServer.Secure(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            got.SetResult(await TestServer.ReadExactlyAsync(stream, body.Length));
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        });
        await using var gate = Gate(server);

        Assert.Equal(200, (await SendAsync(gate, body, "text/plain", "", chunk: 0)).Status);
        Assert.Equal(Encoding.Latin1.GetString(body), await got.Task);
    }

    private static EgressOptions Options(EgressRoute route) => new(EgressMode.Enforce, [route]);

    private static TestGate Gate(TestServer server) => new TestGate(Options(EgressRoute.To("api.example")), secrets: Secrets).Leading(server);

    /// <param name="chunk">0: with a length; else chunked in pieces of this size.</param>
    private static async Task<RawResponse> SendAsync(TestGate gate, byte[] body, string type, string coding, int chunk)
    {
        var request = new MemoryStream();
        var framing = chunk == 0 ? $"Content-Length: {body.Length}" : "Transfer-Encoding: chunked";
        request.Write(Encoding.ASCII.GetBytes($"POST /x HTTP/1.1\r\nHost: api.example\r\nContent-Type: {type}\r\n{(coding.Length > 0 ? $"Content-Encoding: {coding}\r\n" : "")}{framing}\r\n\r\n"));
        foreach (var part in body.Chunk(chunk == 0 ? Math.Max(body.Length, 1) : chunk))
        {
            request.Write(chunk == 0 ? [] : Encoding.ASCII.GetBytes($"{part.Length:x}\r\n"));
            request.Write(part);
            request.Write(chunk == 0 ? [] : "\r\n"u8);
        }

        request.Write(chunk == 0 ? [] : "0\r\n\r\n"u8);
        using var client = await gate.ConnectSecurelyAsync();
        await client.SendAsync(request.ToArray());
        return await client.ReadResponseAsync("POST");
    }

    private static TestServer Reading(StringBuilder reached) => TestServer.Secure(async stream =>
    {
        var buffer = new byte[4096];
        int count;
        while ((count = await stream.ReadAsync(buffer)) > 0)
        {
            reached.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
    });
}
