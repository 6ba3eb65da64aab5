using System.Net;
using Belljar.Testing;
using Belljar.Web.Live;

namespace Belljar.Web.Tests.Live;

public class EventStreamTests
{
    [Fact]
    public async Task NewEvent_ArrivesAsTheRowThatThePageWouldShow()
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();
        console.Record.Add(Samples.Denied("before.example"));
        using var reply = await console.GetAsync("/events/stream?after=1");
        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType!.MediaType);
        var stream = await OpenAsync(reply);

        console.Record.Add(Samples.Denied("after.example"));
        console.Ring();
        var row = (await stream.NextAsync())!.Value;

        Assert.Equal((2, "row"), (row.Id, row.Event));
        Assert.Contains("after.example", row.Data, StringComparison.Ordinal);
        Assert.Contains(row.Data, await console.TextAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutTheBus_ItArrivesWithTheNextLook()
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();
        using var reply = await console.GetAsync("/events/stream?after=0");
        var stream = await OpenAsync(reply);

        console.Record.Add(Samples.Denied("quiet.example"));

        Assert.Equal(1, (await stream.NextAsync())!.Value.Id);
    }

    [Fact]
    public async Task Resumed_NothingIsMissedAndNothingComesTwice()
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();
        console.Record.Add(Enumerable.Range(1, 300).Select(i => Samples.Denied($"h{i}.example")));
        var seen = new List<long>();
        var last = 0L;
        foreach (var count in new[] { 1, 99, 100, 100 })
        {
            using var reply = await console.GetAsync("/events/stream?after=0", request =>
            {
                if (last > 0)
                {
                    request.Headers.Add("Last-Event-ID", last.ToString(null, null));
                }
            });
            var stream = await OpenAsync(reply);
            for (var i = 0; i < count; i++)
            {
                last = (await stream.NextAsync())!.Value.Id;
                seen.Add(last);
            }
        }

        Assert.Equal(Enumerable.Range(1, 300).Select(i => (long)i), seen);
    }

    [Fact]
    public async Task Filter_NarrowsTheStream()
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();
        console.Record.Add(Samples.All("x"));
        using var reply = await console.GetAsync("/events/stream?after=0&area=decoy&severity=notice");
        var stream = await OpenAsync(reply);

        Assert.Contains("event decoy notice", (await stream.NextAsync())!.Value.Data, StringComparison.Ordinal);
        Assert.Contains("event decoy warning", (await stream.NextAsync())!.Value.Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostileText_CannotEndAnEventOrBeginOne()
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();
        console.Record.Add(Samples.All("x\r\n\r\nevent: row\ndata: <script>\r\n\r\n"));
        using var reply = await console.GetAsync("/events/stream?after=0");
        var stream = await OpenAsync(reply);

        for (var i = 1; i <= 15; i++)
        {
            var row = (await stream.NextAsync())!.Value;
            Assert.Equal(i, row.Id);
            Assert.DoesNotContain("<script>", row.Data, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Silence_IsBrokenByAHeartbeat()
    {
        var clock = new ManualClock();
        await using var console = await (await new TestConsole { Clock = clock }.StartAsync()).SignInAsync();
        using var reply = await console.GetAsync("/events/stream?after=0");
        await using var body = await reply.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        using var reader = new StreamReader(body);
        Assert.Equal("retry: 2000", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Equal("", await reader.ReadLineAsync(TestContext.Current.CancellationToken));

        var beat = reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();
        while (!beat.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.StartsWith(":", await beat, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RecordThatIsAway_EndsNoStream()
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();
        console.Record.Broken = "not yet";
        using var reply = await console.GetAsync("/events/stream?after=0");
        var stream = await OpenAsync(reply);

        console.Record.Broken = null;
        console.Record.Add(Samples.Denied("late.example"));
        console.Ring();

        Assert.Equal(1, (await stream.NextAsync())!.Value.Id);
    }

    [Fact]
    public async Task Streams_AreBounded_AndAPlaceIsGivenBack()
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();
        var open = new List<HttpResponseMessage>();
        for (var i = 0; i < EventStream.MostStreams; i++)
        {
            open.Add(await console.GetAsync("/events/stream"));
        }

        using var refused = await console.GetAsync("/events/stream");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.All(open, reply => Assert.Equal(HttpStatusCode.OK, reply.StatusCode));
        Assert.Equal(EventStream.MostStreams, console.Health.Current.Counters["streams_open"]);

        open.ForEach(reply => reply.Dispose());
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (console.Health.Current.Counters["streams_open"] > 0)
        {
            deadline.Token.ThrowIfCancellationRequested();
            console.Ring();
            await Task.Yield();
        }

        using var again = await console.GetAsync("/events/stream");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task Stop_EndsTheStreams()
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();
        using var reply = await console.GetAsync("/events/stream");
        var stream = await OpenAsync(reply);

        await console.StopAsync();

        Assert.Null(await stream.NextAsync());
    }

    private static async Task<SseReader> OpenAsync(HttpResponseMessage reply)
    {
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        return new SseReader(new StreamReader(await reply.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
    }
}
