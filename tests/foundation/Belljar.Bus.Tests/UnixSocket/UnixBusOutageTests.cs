using Belljar.Bus.UnixSocket;
using Belljar.Testing;
using Microsoft.Extensions.Logging;

namespace Belljar.Bus.Tests.UnixSocket;

public class UnixBusOutageTests
{
    [Fact]
    public async Task Broker_Restarts_ClientsComeBackWithTheirPatterns()
    {
        await using var served = new ServedBroker();
        var log = new RecordedLog<UnixBus>();
        await using var bus = served.Client("one", log);
        var first = await bus.SubscribeAsync("a.*", Wait.Deadline());
        var second = await bus.SubscribeAsync("b.>", Wait.Deadline());
        for (var round = 0; round < 3; round++)
        {
            await served.Server.DisposeAsync();
            await Wait.UntilAsync(() => !bus.Statistics.IsConnected);
            served.Restart();
            await Wait.UntilAsync(() => served.Broker.Statistics.Subscriptions == 2);

            served.Broker.Publish("a.b", "{}"u8);
            served.Broker.Publish("b.c.d", "{}"u8);
            Assert.Equal("a.b", (await first.Messages.ReadAsync(Wait.Deadline())).Topic);
            Assert.Equal("b.c.d", (await second.Messages.ReadAsync(Wait.Deadline())).Topic);
        }

        Assert.Equal(3, log.Warnings.Count());
        Assert.Equal(3, log.Lines.Count(line => line.Level == LogLevel.Information));
    }

    [Fact]
    public async Task Publish_BrokerAway_IsKeptWithinTheBoundAndSentLater()
    {
        await using var served = new ServedBroker(new BusBroker(new QueueBounds(Messages: 10)));
        await served.Server.DisposeAsync();
        var log = new RecordedLog<UnixBus>();
        await using var bus = served.Client("one", log);
        var inProcess = new InProcessBus(served.Broker, "reader", new RecordedLog<InProcessBus>());
        var subscription = await inProcess.SubscribeAsync(">", Wait.Deadline());

        for (var i = 0; i < 25; i++)
        {
            bus.Publish($"number.{i}", "{}"u8);
        }

        await Wait.UntilAsync(() => log.Warnings.Any());
        Assert.Equal(new UnixBusStatistics(IsConnected: false, Sent: 0, Dropped: 15, Refused: 0, Waiting: 10), bus.Statistics);
        served.Restart();
        for (var i = 15; i < 25; i++)
        {
            Assert.Equal($"number.{i}", (await subscription.Messages.ReadAsync(Wait.Deadline())).Topic);
        }

        Assert.Single(log.Warnings);
        Assert.Contains("15 messages were dropped", log.Lines.Single(line => line.Level == LogLevel.Information).Text);
    }

    [Fact]
    public async Task Subscribe_BrokerAway_CompletesWhenItComes()
    {
        await using var served = new ServedBroker();
        await served.Server.DisposeAsync();
        await using var bus = served.Client("one");

        var subscribing = bus.SubscribeAsync("a", Wait.Deadline());
        using var impatient = new CancellationTokenSource();
        var givenUp = bus.SubscribeAsync("b", impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        Assert.False(subscribing.IsCompleted);
        served.Restart();
        var subscription = await subscribing;

        served.Broker.Publish("b", "{}"u8);
        served.Broker.Publish("a", "{}"u8);
        Assert.Equal("a", (await subscription.Messages.ReadAsync(Wait.Deadline())).Topic);
        Assert.Equal(1, served.Broker.Statistics.Subscriptions);
    }

    [Fact]
    public async Task Broker_HasTooManyConnections_ClientTriesUntilThereIsRoom()
    {
        await using var served = new ServedBroker(with: options => options with { MostConnections = 1 });
        var first = served.Client("first");
        await first.SubscribeAsync("a", Wait.Deadline());
        var log = new RecordedLog<UnixBus>();
        await using var second = served.Client("second", log);
        var subscribing = second.SubscribeAsync("b", Wait.Deadline());
        await Wait.UntilAsync(() => log.Warnings.Count() > 3);
        Assert.False(subscribing.IsCompleted);

        await first.DisposeAsync();
        var subscription = await subscribing;

        served.Broker.Publish("b", "{}"u8);
        Assert.Equal("b", (await subscription.Messages.ReadAsync(Wait.Deadline())).Topic);
        Assert.DoesNotContain(log.Lines, line => line.Level == LogLevel.Error);
    }

    [Fact]
    public async Task Dispose_WhileSubscribing_EndsTheWait()
    {
        await using var served = new ServedBroker();
        await served.Server.DisposeAsync();
        var bus = served.Client("one");
        var subscribing = bus.SubscribeAsync("a", Wait.Deadline());
        var connecting = bus.WaitForConnectionAsync(Wait.Deadline());

        await bus.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => subscribing);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => connecting);
    }

    [Fact]
    public async Task Dispose_Connected_SendsWhatWaitsFirst()
    {
        await using var served = new ServedBroker();
        var reader = new InProcessBus(served.Broker, "reader", new RecordedLog<InProcessBus>());
        var subscription = await reader.SubscribeAsync("a", Wait.Deadline());
        var bus = served.Client("one");
        await bus.WaitForConnectionAsync(Wait.Deadline());

        for (var i = 0; i < 3000; i++)
        {
            bus.Publish("a", "{}"u8);
        }

        await bus.DisposeAsync();

        for (var i = 0; i < 3000; i++)
        {
            await subscription.Messages.ReadAsync(Wait.Deadline());
        }
    }

    [Fact]
    public async Task Reconnect_WaitsByTheClock()
    {
        using var folder = new TemporaryFolder();
        var clock = new ManualClock();
        var log = new RecordedLog<UnixBus>();
        await using var bus = new UnixBus(new UnixBusOptions(folder["bus.sock"], "one"), clock, log);
        await Wait.UntilAsync(() => log.Warnings.Any());
        await using var server = new BusSocketServer(
            new BusBroker(), new BusSocketOptions(folder["bus.sock"]), clock, new RecordedLog<BusSocketServer>());
        server.Start();

        Assert.False(bus.Statistics.IsConnected);
        await Wait.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return bus.Statistics.IsConnected;
        });
        Assert.Single(log.Warnings);
    }

    [Theory]
    [InlineData("EVT not/a/topic\n\0\0\0\0")]
    [InlineData("SUB never.asked\n\0\0\0\0")]
    [InlineData("PUB a\n\0\0\0\0")]
    [InlineData("\n")]
    public async Task Broker_SendsWhatIsNoAnswer_ClientLeavesIt(string answer)
    {
        using var folder = new TemporaryFolder();
        using var listener = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        listener.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(folder["bus.sock"]));
        listener.Listen();
        var log = new RecordedLog<UnixBus>();
        await using var bus = new UnixBus(new UnixBusOptions(folder["bus.sock"], "one"), TimeProvider.System, log);
        using var accepted = await listener.AcceptAsync(Wait.Deadline());

        await accepted.SendAsync(System.Text.Encoding.ASCII.GetBytes(answer), Wait.Deadline());

        await Wait.UntilAsync(() => log.Warnings.Any());
        Assert.Contains("sent what is no answer", log.Warnings.First());
    }

    [Fact]
    public void Client_NameThatIsNone_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new UnixBus(
            new UnixBusOptions("/tmp/x", "two words"), TimeProvider.System, new RecordedLog<UnixBus>()));
}
