namespace Belljar.Bus.Tests;

public class NullBusTests
{
    [Fact]
    public async Task Publish_Disabled_WarnsOnceAndNothingArrives()
    {
        var log = new RecordedLog<NullBus>();
        var bus = new NullBus(log);
        var subscription = await bus.SubscribeAsync("a", Wait.Deadline());

        bus.Publish("a", "{}"u8);
        bus.Publish("a", "{}"u8);

        Assert.Contains("bus.enabled", Assert.Single(log.Warnings));
        Assert.False(subscription.Messages.TryRead(out _));
        await bus.DisposeAsync();
        Assert.False(await subscription.Messages.WaitToReadAsync(Wait.Deadline()));
    }
}
