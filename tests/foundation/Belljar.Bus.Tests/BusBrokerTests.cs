namespace Belljar.Bus.Tests;

public class BusBrokerTests
{
    [Fact]
    public async Task Statistics_AfterUse_CountEverything()
    {
        var broker = new BusBroker(new QueueBounds(Messages: 2));
        var (mail, web) = (Bus(broker, "mail"), Bus(broker, "web"));
        var reading = await mail.SubscribeAsync("a.>", Wait.Deadline());
        await mail.SubscribeAsync("b", Wait.Deadline());
        await web.SubscribeAsync("a.*", Wait.Deadline());

        for (var i = 0; i < 5; i++)
        {
            mail.Publish("a.b", "{}"u8);
        }

        mail.Publish("nobody.wants.this", "{}"u8);
        mail.Publish("not a topic", "{}"u8);
        reading.Messages.TryRead(out _);

        var statistics = broker.Statistics;
        Assert.Equal((6L, 1L, 6L, 1L), (statistics.Published, statistics.Delivered, statistics.Dropped, statistics.Refused));
        Assert.Equal((0, 3), (statistics.Connections, statistics.Subscriptions));
        Assert.Equal(new SubscriberStatistics(Delivered: 1, Dropped: 3, Waiting: 1), statistics.Subscribers["mail"]);
        Assert.Equal(new SubscriberStatistics(Delivered: 0, Dropped: 3, Waiting: 2), statistics.Subscribers["web"]);
    }

    [Fact]
    public async Task Statistics_SubscriberLeft_KeepItsCounts()
    {
        var broker = new BusBroker();
        var bus = Bus(broker, "mail");
        var subscription = await bus.SubscribeAsync("a", Wait.Deadline());
        bus.Publish("a", "{}"u8);
        bus.Publish("a", "{}"u8);
        subscription.Messages.TryRead(out _);

        await subscription.DisposeAsync();

        Assert.Equal(new SubscriberStatistics(Delivered: 1, Dropped: 1, Waiting: 0), broker.Statistics.Subscribers["mail"]);
        Assert.Equal(0, broker.Statistics.Subscriptions);
    }

    [Fact]
    public async Task Statistics_ManyNamesLeft_AreBounded()
    {
        var broker = new BusBroker();
        for (var i = 0; i < BusBroker.MostDepartedNames + 50; i++)
        {
            var bus = Bus(broker, $"client{i}");
            await bus.SubscribeAsync("a", Wait.Deadline());
            bus.Publish("a", "{}"u8);
            await bus.DisposeAsync();
        }

        Assert.Equal(BusBroker.MostDepartedNames + 1, broker.Statistics.Subscribers.Count);
        Assert.Equal(50, broker.Statistics.Subscribers[BusBroker.OtherNames].Dropped);
        Assert.Equal(BusBroker.MostDepartedNames + 50, broker.Statistics.Dropped);
    }

    [Fact]
    public void Publish_NobodyWantsIt_AllocatesNothing()
    {
        var broker = new BusBroker();
        broker.Publish("a.b", "{}"u8);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            broker.Publish("a.b", "{}"u8);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static InProcessBus Bus(BusBroker broker, string name) => new(broker, name, new RecordedLog<InProcessBus>());
}
