using Belljar.Bus.UnixSocket;
using Belljar.Testing;

namespace Belljar.Bus.Tests.UnixSocket;

public sealed class BusSocketServerTests : IAsyncDisposable
{
    private readonly ServedBroker _served = new(new BusBroker(new QueueBounds(Messages: 100)));

    public ValueTask DisposeAsync() => _served.DisposeAsync();

    [Fact]
    public async Task Sub_ThenPub_EchoComesFirst()
    {
        using var client = _served.Raw();
        await client.SendAsync([
            .. RawClient.Frame("HELLO", "raw"),
            .. RawClient.Frame("SUB", "a.>"),
            .. RawClient.Frame("PUB", "a.b", "{\"n\":1}"),
            .. RawClient.Frame("UNSUB", "a.>"),
            .. RawClient.Frame("PUB", "a.b", "{\"n\":2}"),
            .. RawClient.Frame("SUB", "c"),
        ]);

        Assert.Equal("SUB a.> ", await client.ReadAsync());
        Assert.Equal("EVT a.b {\"n\":1}", await client.ReadAsync());
        Assert.Equal("UNSUB a.> ", await client.ReadAsync());
        Assert.Equal("SUB c ", await client.ReadAsync());
    }

    [Fact]
    public async Task Sub_WhileOthersPublish_EchoComesBeforeTheFirstEvent()
    {
        using var stop = new CancellationTokenSource();
        var publishing = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                _served.Broker.Publish("a.b", "{}"u8);
            }
        });

        for (var i = 0; i < 50; i++)
        {
            using var client = _served.Raw();
            await client.SubscribeAsync("a.b");
            Assert.Equal("EVT a.b {}", await client.ReadAsync());
        }

        await stop.CancelAsync();
        await publishing;
    }

    [Fact]
    public async Task Sub_EchoRead_MeansThatItIsMade()
    {
        for (var i = 0; i < 200; i++)
        {
            using var client = _served.Raw();
            await client.SubscribeAsync("a");
            _served.Broker.Publish("a", "{}"u8);
            Assert.Equal("EVT a {}", await client.ReadAsync());
        }
    }

    [Fact]
    public async Task Pub_TwoPatternsOfOneConnectionMatch_ComesOnce()
    {
        using var client = _served.Raw();
        await client.SubscribeAsync("a.b");
        await client.SubscribeAsync("a.*");
        await client.SubscribeAsync(">");
        await client.SendAsync("PUB", "a.b", "{}");
        await client.SendAsync("PUB", "the.end");

        Assert.Equal("EVT a.b {}", await client.ReadAsync());
        Assert.Equal("EVT the.end ", await client.ReadAsync());
    }

    [Fact]
    public async Task Sub_Twice_IsOneSubscriptionAndTwoEchoes()
    {
        using var client = _served.Raw();
        await client.SubscribeAsync("a");
        await client.SubscribeAsync("a");
        Assert.Equal(1, _served.Broker.Statistics.Subscriptions);
        await client.SendAsync("UNSUB", "a");
        await client.SendAsync("UNSUB", "a");
        await client.SendAsync("PUB", "a");
        await client.SendAsync("UNSUB", "never.had");

        Assert.Equal("UNSUB a ", await client.ReadAsync());
        Assert.Equal("UNSUB a ", await client.ReadAsync());
        Assert.Equal("UNSUB never.had ", await client.ReadAsync());
        Assert.Equal(0, _served.Broker.Statistics.Subscriptions);
    }

    [Fact]
    public async Task Client_NeverReads_ItsDropsAreCountedExactly()
    {
        const int Count = 50_000;
        using var stuck = _served.Raw();
        await stuck.SendAsync("HELLO", "stuck");
        await stuck.SubscribeAsync("a.>");
        var other = await new InProcessBus(_served.Broker, "other", new RecordedLog<InProcessBus>()).SubscribeAsync("a.*", Wait.Deadline());

        for (var i = 0; i < Count; i++)
        {
            _served.Broker.Publish("a.b", "{\"some\":\"body\"}"u8);
            Assert.True(other.Messages.TryRead(out _));
        }

        _served.Broker.Publish("a.end", "{}"u8);
        Assert.Equal(0, other.Dropped);
        var received = 0;
        while (await stuck.ReadAsync() is { } frame && !frame.StartsWith("EVT a.end", StringComparison.Ordinal))
        {
            received++;
        }

        var dropped = _served.Broker.Statistics.Subscribers["stuck"].Dropped;
        Assert.InRange(dropped, 1, Count);
        Assert.Equal(Count, received + dropped);
    }

    [Fact]
    public async Task Bye_AfterWhatWaits_EndsTheConnection()
    {
        using var client = _served.Raw();
        await client.SendAsync([
            .. RawClient.Frame("SUB", "a"), .. RawClient.Frame("PUB", "a", "{}"), .. RawClient.Frame("BYE"), .. RawClient.Frame("PUB", "a")]);

        Assert.Equal("SUB a ", await client.ReadAsync());
        Assert.Equal("EVT a {}", await client.ReadAsync());
        Assert.Equal("BYE  ", await client.ReadAsync());
        Assert.Null(await client.ReadAsync());
        await Wait.UntilAsync(() => _served.Broker.Statistics is { Connections: 0, Subscriptions: 0 });
        Assert.Empty(_served.Log.Warnings);
    }

    [Fact]
    public async Task Client_IsKilled_IsForgottenWithoutAWord()
    {
        using (var client = _served.Raw())
        {
            await client.SubscribeAsync("a");
            await client.SendAsync("PUB a"u8.ToArray());
        }

        await Wait.UntilAsync(() => _served.Broker.Statistics is { Connections: 0, Subscriptions: 0 });
        Assert.Empty(_served.Log.Warnings);
    }

    [Fact]
    public async Task Stop_ClientsGetWhatWaitsAndBye()
    {
        using var client = _served.Raw();
        await client.SubscribeAsync("a");
        for (var i = 0; i < 20; i++)
        {
            _served.Broker.Publish("a", "{}"u8);
        }

        await _served.Server.DisposeAsync();

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("EVT a {}", await client.ReadAsync());
        }

        Assert.Equal("BYE  ", await client.ReadAsync());
        Assert.Null(await client.ReadAsync());
        Assert.False(File.Exists(_served.Path));
    }

    [Fact]
    public async Task Stop_ClientNeverReads_EndsAfterTheGrace()
    {
        var clock = new ManualClock();
        using var folder = new TemporaryFolder();
        var broker = new BusBroker();
        var server = new BusSocketServer(broker, new BusSocketOptions(folder["b"]), clock, new RecordedLog<BusSocketServer>());
        server.Start();
        using var client = new RawClient(folder["b"]);
        await client.SubscribeAsync("a");
        for (var i = 0; i < 40; i++)
        {
            broker.Publish("a", new byte[512 * 1024]);
        }

        var stopping = server.DisposeAsync().AsTask();
        await Wait.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return stopping.IsCompleted;
        });
        await stopping;

        Assert.Equal(0, broker.Statistics.Connections);
        Assert.Equal(40, broker.Statistics.Dropped + broker.Statistics.Delivered);
    }

    [Fact]
    public async Task Start_WhileServed_IsRefused()
    {
        await using var second = _served.NewServer();

        Assert.Contains("is served by another process", Assert.Throws<IOException>(second.Start).Message);
    }

    [Fact]
    public async Task Connect_AtTheBound_IsClosedAndLoggedOnce()
    {
        await using var served = new ServedBroker(with: options => options with { MostConnections = 2 });
        using var first = served.Raw();
        using var second = served.Raw();
        await first.SubscribeAsync("a");
        await second.SubscribeAsync("a");
        for (var i = 0; i < 3; i++)
        {
            using var third = served.Raw();
            Assert.Null(await third.ReadAsync());
        }

        Assert.Single(served.Log.Warnings);
        second.Dispose();
        await Wait.UntilAsync(() => served.Server.Connections == 1);
        using var next = served.Raw();
        await next.SubscribeAsync("a");
    }

    [Fact]
    public async Task Sub_OneTooMany_DropsTheConnection()
    {
        await using var served = new ServedBroker(with: options => options with { MostSubscriptions = 2 });
        using var client = served.Raw();
        await client.SubscribeAsync("a");
        await client.SubscribeAsync("b");
        await client.SubscribeAsync("b");
        await client.SendAsync("SUB", "c");

        Assert.Null(await client.ReadAsync());
        await Wait.UntilAsync(() => served.Log.Warnings.Any());
        Assert.Contains("more than 2 subscriptions", Assert.Single(served.Log.Warnings));
    }

    [Fact]
    public async Task Sub_AsksWithoutReading_DropsTheConnection()
    {
        await using var served = new ServedBroker(with: options => options with { MostSubscriptions = 4 });
        using var client = served.Raw();
        var pattern = new string('a', 1000);
        byte[] many = [.. Enumerable.Repeat(RawClient.Frame("SUB", pattern), 3000).SelectMany(frame => frame)];

        await client.SendAsync(many);

        await Wait.UntilAsync(() => served.Log.Warnings.Any());
        Assert.Contains("asks without reading", Assert.Single(served.Log.Warnings));
    }
}
