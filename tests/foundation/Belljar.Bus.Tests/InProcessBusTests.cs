namespace Belljar.Bus.Tests;

public class InProcessBusTests : BusContract
{
    private protected override int QuickCount => 50_000;

    [Fact]
    public void Publish_WhatNoFrameCarries_WarnsOnce()
    {
        var log = new RecordedLog<InProcessBus>();
        var bus = new InProcessBus(new BusBroker(), "mail", log);

        bus.Publish("no topic", "{}"u8);
        bus.Publish("no topic", "{}"u8);

        Assert.Contains("mail published what no frame can carry", Assert.Single(log.Warnings));
    }

    private protected override IBus Connect(BusBroker broker, string name) =>
        new InProcessBus(broker, name, new RecordedLog<InProcessBus>());

    private protected override ValueTask StopAsync() => ValueTask.CompletedTask;

    private protected override long DroppedOnTheWay(string name) => 0;

    private protected override long Unsent(IBus publisher) => 0;

    private protected override long Refused(IBus publisher) => Broker.Statistics.Refused;
}
