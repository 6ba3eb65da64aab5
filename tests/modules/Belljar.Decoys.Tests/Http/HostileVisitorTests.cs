using System.Text;
using Belljar.Contracts.Events;
using Belljar.Decoys.Http;
using Belljar.Decoys.Http.Apache;
using Belljar.Decoys.Http.Nginx;

namespace Belljar.Decoys.Tests.Http;

public class HostileVisitorTests
{
    private static readonly DecoyIdentity Identity = new("web-1", "web-1", "seed");

    public static TheoryData<string> Products => ["nginx", "apache2"];

    private static IHttpDialect Dialect(string product) => product is "nginx"
        ? new NginxDialect(SitePage.Of(Identity, null))
        : new ApacheDialect(Identity, SitePage.Of(Identity, null));

    [Theory]
    [MemberData(nameof(Products))]
    public async Task Request_CutAtEveryByte_IsAnsweredTheSame(string product)
    {
        const string Sent = "POST /a?b=c HTTP/1.1\r\nHost: x\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\n"
            + "GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        var bytes = Conversation.Bytes(Sent);
        var whole = await Conversation.HoldAsync(Dialect(product), [bytes]);

        for (var cut = 1; cut < bytes.Length; cut++)
        {
            var outcome = await Conversation.HoldAsync(Dialect(product), [bytes[..cut], bytes[cut..]]);
            Assert.Equal(whole.Reply, outcome.Reply);
            Assert.Equal(["abcde", null], outcome.Events.Requests.Select(request => request.Body));
        }

        var single = await Conversation.HoldAsync(Dialect(product), bytes.Select(b => new[] { b }));
        Assert.Equal(whole.Reply, single.Reply);
    }

    [Theory]
    [MemberData(nameof(Products))]
    public async Task Request_IsRecordedByteForByte_BeforeItsAnswer(string product)
    {
        var outcome = await Conversation.HoldAsync(
            Dialect(product), "POST /\xe9%00?<script> HTTP/1.1\r\nHost: x\r\nx-A: \xff\xfe\r\nCookie: a=b\r\nContent-Length: 6\r\n\r\n\x00\x01\x02\xff\xfez");

        Assert.Equal([EventKinds.DecoyConnection.Name, EventKinds.DecoyRequest.Name], outcome.Events.All.Select(e => e.Kind));
        Assert.All(outcome.Events.All, e => Assert.Equal("web-1", e.Decoy));
        var request = Assert.Single(outcome.Events.Requests);
        Assert.Equal("POST", request.Method);
        Assert.Equal("/\xe9%00?<script>", request.Target);
        Assert.Equal(new HeaderField("x-A", "\xff\xfe"), request.Headers[1]);
        Assert.Equal("\x00\x01\x02\xff\xfez", request.Body);
        Assert.Equal(product is "nginx" ? 400 : 404, request.Status);
    }

    [Theory]
    [MemberData(nameof(Products))]
    public async Task NothingIsAnswered_BeforeItIsRecorded(string product)
    {
        var gate = new TaskCompletionSource();
        var clock = new Belljar.Testing.ManualClock();
        var events = new Recorded { Gate = gate.Task };
        var stream = new ScriptedStream([Conversation.Bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n")], ends: false);
        var recorder = new DecoyRecorder(events, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var visit = new Visit(recorder, "web-1", "http", new(System.Net.IPAddress.Loopback, 1), new(System.Net.IPAddress.Loopback, 80));
        using var stop = new CancellationTokenSource();

        var running = new HttpConversation(stream, Dialect(product), visit, clock).RunAsync(stop.Token);
        Assert.Equal("", stream.Written);
        gate.SetResult();
        await stream.WaitsOrAsync(running);

        Assert.StartsWith("HTTP/1.1 200 OK", stream.Written, StringComparison.Ordinal);
        Assert.Equal(0, recorder.Late);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task RecordingThatHangs_KeepsTheVisitorOnlyASecond()
    {
        var clock = new Belljar.Testing.ManualClock();
        var recorder = new DecoyRecorder(
            new Recorded { Gate = new TaskCompletionSource().Task }, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

        var recording = recorder.RecordAsync(EventKinds.DecoyState.At(clock, new DecoyState("active", null, null, [])));
        Assert.False(recording.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        await recording;

        Assert.Equal((0, 1), (recorder.Recorded, recorder.Late));
    }

    [Theory]
    [MemberData(nameof(Products))]
    public async Task EndlessHead_IsRefusedWithinItsBound(string product)
    {
        var stream = Enumerable.Range(0, 100_000).Select(i => Conversation.Bytes($"X-{i}: {new string('y', 700)}\r\n"))
            .Prepend(Conversation.Bytes("GET / HTTP/1.1\r\nHost: x\r\n"));

        var outcome = await Conversation.HoldAsync(Dialect(product), stream);

        Assert.StartsWith("HTTP/1.1 400 ", outcome.Reply, StringComparison.Ordinal);
        Assert.False(outcome.IsOpen);
        Assert.InRange(Assert.Single(outcome.Events.Requests).Headers.Count, 1, 64);
    }

    [Theory]
    [MemberData(nameof(Products))]
    public async Task EndlessBody_IsReadToItsBoundAndKeptToItsOwn(string product)
    {
        var chunk = Conversation.Bytes($"1000\r\n{new string('z', 4096)}\r\n");
        var stream = Enumerable.Repeat(chunk, 1000).Prepend(Conversation.Bytes("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"));

        var outcome = await Conversation.HoldAsync(Dialect(product), stream);

        Assert.False(outcome.IsOpen);
        Assert.Equal(4096, Assert.Single(outcome.Events.Requests).Body!.Length);
    }

    [Fact]
    public async Task SlowHead_IsReaped_NginxInSilenceAndApacheWithAPage()
    {
        Assert.Equal("", (await SlowAsync("nginx", TimeSpan.FromSeconds(61))).Reply);
        Assert.StartsWith("HTTP/1.1 408 Request Timeout\r\n", (await SlowAsync("apache2", TimeSpan.FromSeconds(21))).Reply, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Products))]
    public async Task VisitorWhoLeavesInTheMiddle_IsRecordedWithoutAnAnswer(string product)
    {
        var outcome = await Conversation.HoldAsync(Dialect(product), [Conversation.Bytes("GET /half HT")], visitorEnds: true);

        Assert.Equal("", outcome.Reply);
        var request = Assert.Single(outcome.Events.Requests);
        Assert.Equal(("", "GET /half HT", 0), (request.Method, request.Target, request.Status));
    }

    [Theory]
    [MemberData(nameof(Products))]
    public async Task Garbage_NeverThrows_NeverHangs_AndIsAlwaysRecordable(string product)
    {
        string[] parts =
        [
            "GET ", "POST ", "/", "http://", "HTTP/1.1", "HTTP/", "\r\n", "\n", "\r", " ", "\0", ":", "Host: x\r\n", "Content-Length: ", "5", "-1",
            "Transfer-Encoding: chunked\r\n", "\r\n\r\n", "0\r\n\r\n", "%", "%2e%2e/", "..", "[::1]", "\xff", "Range: bytes=", "9-", "*", "\t", "Expect: 100-continue\r\n",
            "If-None-Match: \"", "Connection: close\r\n", "If-Modified-Since: ", "Accept-Encoding: gzip\r\n", "#", "?", "ffffffffffffffff\r\n",
        ];
        var random = new Random(20250304);
        for (var round = 0; round < 4000; round++)
        {
            var sent = string.Concat(Enumerable.Range(0, random.Next(1, 24)).Select(_ => parts[random.Next(parts.Length)]));

            var outcome = await Conversation.HoldAsync(Dialect(product), sent);

            Assert.DoesNotContain("elljar", outcome.Reply, StringComparison.OrdinalIgnoreCase);
            if (outcome.Reply.Length > 0 && outcome.Reply != "HTTP/1.1 100 Continue\r\n\r\n")
            {
                Assert.NotEmpty(outcome.Events.Requests);
            }
        }
    }

    [Fact]
    public async Task RequestedHost_CannotWriteIntoTheErrorPage()
    {
        var outcome = await Conversation.HoldAsync(Dialect("apache2"), "GET /x HTTP/1.1\r\nHost: <script>alert(1)</script>\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400", outcome.Reply, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", outcome.Reply, StringComparison.Ordinal);
    }

    private static async Task<(string Reply, Recorded Events)> SlowAsync(string product, TimeSpan after)
    {
        var clock = new Belljar.Testing.ManualClock();
        var events = new Recorded();
        var stream = new ScriptedStream([Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHo")], ends: false);
        var recorder = new DecoyRecorder(events, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var visit = new Visit(recorder, "web-1", "http", new(System.Net.IPAddress.Loopback, 1), new(System.Net.IPAddress.Loopback, 80));
        var running = new HttpConversation(stream, Dialect(product), visit, clock).RunAsync(CancellationToken.None);
        await stream.WaitsOrAsync(running);
        clock.Advance(after);
        await running;
        Assert.Single(events.Requests);
        return (stream.Written, events);
    }
}
