using Belljar.Contracts;
using Belljar.Egress.Gate;
using Belljar.Egress.Policy;
using Belljar.Testing;

namespace Belljar.Egress.Tests.Gate;

public class TimeTests
{
    private static readonly EgressOptions Api = new(EgressMode.Enforce, [EgressRoute.To("api.example") with { Tls = RouteTls.Passthrough }]);

    [Fact]
    public async Task AHeadThatTrickles_IsReaped()
    {
        var clock = new ManualClock();
        var onlyTheHead = EgressLimits.Default with { BetweenRequests = TimeSpan.FromDays(3650), Exchange = TimeSpan.FromDays(3650) };
        await using var gate = new TestGate(EgressOptions.DenyAll, onlyTheHead, clock);
        using var client = await gate.ConnectAsync();
        await client.SendAsync("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n");
        await client.ReadResponseAsync(); // now it is certainly being served

        await client.SendAsync("GET http://a.exa");
        await UntilClosedAsync(client, clock, TimeSpan.FromSeconds(1));

        Assert.Equal(0, await SettledAsync(gate));
    }

    [Fact]
    public async Task AnIdleConnection_IsReaped()
    {
        var clock = new ManualClock();
        await using var gate = new TestGate(EgressOptions.DenyAll, clock: clock);
        using var client = await gate.ConnectAsync();
        await client.SendAsync("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n");
        await client.ReadResponseAsync();

        await UntilClosedAsync(client, clock, TimeSpan.FromSeconds(5));

        Assert.Equal(0, await SettledAsync(gate));
    }

    [Fact]
    public async Task AHostThatNeverAnswers_EndsTheExchangeAndIsRecorded()
    {
        var clock = new ManualClock();
        var asked = new TaskCompletionSource();
        await using var server = new TestServer(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            asked.SetResult();
            await stream.CopyToAsync(Stream.Null);
        });
        await using var gate = new TestGate(Api, clock: clock).Leading(server);
        using var client = await gate.ConnectAsync();
        await client.SendAsync("GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n");
        await asked.Task;

        clock.Advance(EgressLimits.Default.Exchange + TimeSpan.FromSeconds(2));

        Assert.True(await client.IsClosedAsync());
        Assert.Equal(Verdict.Allow, (await gate.Events.NextAsync()).Decision);
    }

    [Fact]
    public async Task ATunnelWhoseClientWaitsForTheServerToSpeak_IsReaped()
    {
        var clock = new ManualClock();
        await using var server = new TestServer(async stream =>
        {
            await stream.WriteAsync("220 smtp.example\r\n"u8.ToArray());
            await stream.CopyToAsync(Stream.Null);
        });
        await using var gate = new TestGate(Api, clock: clock).Leading(server);
        using var client = await gate.ConnectAsync();
        await client.SendAsync("CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n");
        await client.ReadHeadAsync();

        clock.Advance(EgressLimits.Default.Head + TimeSpan.FromSeconds(2));

        Assert.True(await client.IsClosedAsync());
        Assert.Equal("the tunnel ended before TLS began", (await gate.Events.NextAsync()).Reason);
    }

    [Fact]
    public async Task Stop_ClosesIdleConnectionsAndLetsOthersFinish()
    {
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = new TestServer(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            asked.SetResult();
            await answer.Task;
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone"u8.ToArray());
        });
        await using var gate = new TestGate(Api).Leading(server);
        using var idle = await gate.ConnectAsync();
        await idle.SendAsync("GET http://x.example/ HTTP/1.1\r\nHost: x.example\r\n\r\n");
        await idle.ReadResponseAsync();
        using var busy = await gate.ConnectAsync();
        await busy.SendAsync("GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n");
        await asked.Task;

        var stopping = gate.StopAsync();
        Assert.True(await idle.IsClosedAsync());
        answer.SetResult();

        Assert.Equal("done", (await busy.ReadResponseAsync()).Body);
        busy.Dispose();
        await stopping;
        Assert.Equal(0, gate.Gate.Connections);
    }

    [Fact]
    public async Task ARecorderThatHangs_DelaysNoAnswerAndCannotKeepTheGateFromEnding()
    {
        var clock = new ManualClock();
        await using var gate = new TestGate(EgressOptions.DenyAll, clock: clock);
        gate.Events.Hangs = true;
        using var client = await gate.ConnectAsync();
        await client.SendAsync("GET http://x.example/ HTTP/1.1\r\nHost: x.example\r\n\r\n");
        Assert.Equal(403, (await client.ReadResponseAsync()).Status);

        var stopping = gate.StopAsync();
        while (!stopping.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await stopping;
        Assert.Equal(0, gate.Gate.Connections);
    }

    /// <summary>Time passes in steps until the gate closes: when exactly it looked at the last byte is not known here.</summary>
    private static async Task UntilClosedAsync(RawClient client, ManualClock clock, TimeSpan step)
    {
        var closed = client.IsClosedAsync();
        while (!closed.IsCompleted)
        {
            clock.Advance(step);
            await Task.Yield();
        }

        Assert.True(await closed);
    }

    private static async Task<int> SettledAsync(TestGate gate)
    {
        await gate.StopAsync();
        return gate.Gate.Connections;
    }
}
