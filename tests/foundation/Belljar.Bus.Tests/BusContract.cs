using System.Buffers.Binary;
using System.Text;
using Belljar.Contracts.Wire;

namespace Belljar.Bus.Tests;

/// <summary>What every transport keeps, whatever carries it.</summary>
public abstract class BusContract : IAsyncLifetime
{
    private readonly List<IBus> _connected = [];

    private protected BusBroker Broker { get; private set; } = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var bus in _connected)
        {
            await bus.DisposeAsync();
        }

        await StopAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("mail.agent.received", "mail.agent.received", true)]
    [InlineData("mail.agent.received", "mail.agent", false)]
    [InlineData("mail.agent", "mail.agent.received", false)]
    [InlineData("mail.*.received", "mail.agent.received", true)]
    [InlineData("mail.*.received", "mail.received", false)]
    [InlineData("mail.*", "mail.agent.received", false)]
    [InlineData("*.*.*", "mail.agent.received", true)]
    [InlineData("*", "mail", true)]
    [InlineData("*", "mail.agent", false)]
    [InlineData("topology.>", "topology.t1", true)]
    [InlineData("topology.>", "topology.t1.mutation.done", true)]
    [InlineData("topology.>", "topology", false)]
    [InlineData("*.t1.>", "topology.t1.status", true)]
    [InlineData("*.t1.>", "topology.t1", false)]
    [InlineData(">", "topology", true)]
    [InlineData("decoy.%2A.state", "decoy.%2A.state", true)]
    [InlineData("decoy.%2A.state", "decoy.web.state", false)]
    [InlineData("Mail.agent", "mail.agent", false)]
    public async Task Subscribe_Pattern_GetsWhatMatches(string pattern, string topic, bool matches)
    {
        var bus = Open("one");
        var subscription = await bus.SubscribeAsync(pattern, Wait.Deadline());
        var end = await bus.SubscribeAsync("the.end.of.this.test", Wait.Deadline());

        bus.Publish(topic, "{}"u8);
        bus.Publish("the.end.of.this.test", "{}"u8);
        await end.Messages.ReadAsync(Wait.Deadline());

        Assert.Equal(matches, subscription.Messages.TryRead(out var message));
        Assert.Equal(matches ? topic : null, message.Topic);
    }

    [Fact]
    public async Task Publish_FromTwo_KeepsTheOrderOfEach()
    {
        const int Count = 1500;
        var subscription = await Open("reader").SubscribeAsync("order.*", Wait.Deadline());
        var publishers = new[] { Open("p0"), Open("p1") };

        await Task.WhenAll(publishers.Select((bus, index) => Task.Run(() =>
        {
            for (var i = 0; i < Count; i++)
            {
                bus.Publish($"order.p{index}", Number(i));
            }
        })));

        var next = new Dictionary<string, int> { ["order.p0"] = 0, ["order.p1"] = 0 };
        for (var i = 0; i < 2 * Count; i++)
        {
            var message = await subscription.Messages.ReadAsync(Wait.Deadline());
            Assert.Equal(next[message.Topic]++, Number(message));
        }
    }

    [Fact]
    public async Task Subscribe_SeveralThatMatch_EachGetsItOnce()
    {
        var (first, second) = (Open("first"), Open("second"));
        ISubscription[] subscriptions =
        [
            await first.SubscribeAsync("a.*", Wait.Deadline()),
            await first.SubscribeAsync("a.>", Wait.Deadline()),
            await first.SubscribeAsync("a.>", Wait.Deadline()),
            await second.SubscribeAsync("a.b", Wait.Deadline()),
            await second.SubscribeAsync(">", Wait.Deadline()),
        ];

        first.Publish("a.b", "1"u8);
        first.Publish("a.b", "2"u8);

        foreach (var subscription in subscriptions)
        {
            Assert.Equal("1", Text(await subscription.Messages.ReadAsync(Wait.Deadline())));
            Assert.Equal("2", Text(await subscription.Messages.ReadAsync(Wait.Deadline())));
        }
    }

    [Fact]
    public async Task Dispose_Subscription_EndsItAloneAndDiscards()
    {
        var bus = Open("one");
        var leaving = await bus.SubscribeAsync("a.>", Wait.Deadline());
        var staying = await bus.SubscribeAsync("a.>", Wait.Deadline());
        bus.Publish("a.b", "1"u8);
        await staying.Messages.ReadAsync(Wait.Deadline());

        await leaving.DisposeAsync();
        bus.Publish("a.b", "2"u8);

        Assert.Equal("2", Text(await staying.Messages.ReadAsync(Wait.Deadline())));
        Assert.False(await leaving.Messages.WaitToReadAsync(Wait.Deadline()));
        Assert.False(leaving.Messages.TryRead(out _));
        Assert.True(leaving.Messages.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Dispose_Twice_LeavesTheOtherOfThePattern()
    {
        var bus = Open("one");
        var leaving = await bus.SubscribeAsync("a.b", Wait.Deadline());
        var staying = await bus.SubscribeAsync("a.b", Wait.Deadline());

        await leaving.DisposeAsync();
        await leaving.DisposeAsync();
        await (await bus.SubscribeAsync("other", Wait.Deadline())).DisposeAsync();
        bus.Publish("a.b", "1"u8);

        Assert.Equal("1", Text(await staying.Messages.ReadAsync(Wait.Deadline())));
    }

    [Fact]
    public async Task Subscribe_AgainAfterDispose_GetsOnlyWhatIsNew()
    {
        var bus = Open("one");
        for (var round = 0; round < 20; round++)
        {
            var subscription = await bus.SubscribeAsync("a.b", Wait.Deadline());
            bus.Publish("a.b", Number(round));
            Assert.Equal(round, Number(await subscription.Messages.ReadAsync(Wait.Deadline())));
            await subscription.DisposeAsync();
        }
    }

    [Fact]
    public async Task Publish_AnyBytes_ArriveExactly()
    {
        var bus = Open("one");
        var subscription = await bus.SubscribeAsync("bytes", Wait.Deadline());
        var random = new Random(20260314);
        byte[][] bodies = [[], [0], "\n\r\n"u8.ToArray(), .. Enumerable.Range(0, 40).Select(i => Bytes(random, i * i * 7))];

        foreach (var body in bodies)
        {
            var handed = body.ToArray();
            bus.Publish("bytes", handed);
            Array.Fill(handed, (byte)'!');
        }

        foreach (var body in bodies)
        {
            Assert.Equal(body, (await subscription.Messages.ReadAsync(Wait.Deadline())).Envelope.ToArray());
        }
    }

    [Fact]
    public async Task Publish_OneMebibyte_Arrives()
    {
        var bus = Open("one");
        var subscription = await bus.SubscribeAsync("large", Wait.Deadline());
        var body = Bytes(new Random(7), Frame.LongestBody);

        for (var i = 0; i < 3; i++)
        {
            bus.Publish("large", body);
            Assert.True((await subscription.Messages.ReadAsync(Wait.Deadline())).Envelope.Span.SequenceEqual(body));
        }
    }

    [Fact]
    public async Task Publish_WhatNoFrameCarries_IsDroppedWithoutHarm()
    {
        var bus = Open("one");
        var subscription = await bus.SubscribeAsync(">", Wait.Deadline());

        bus.Publish("large", new byte[Frame.LongestBody + 1]);
        bus.Publish("no topic", "{}"u8);
        bus.Publish("", "{}"u8);
        bus.Publish("a.*", "{}"u8);
        bus.Publish(new string('a', 1025), "{}"u8);
        bus.Publish(new string('a', 1024), "1"u8);

        Assert.Equal("1", Text(await subscription.Messages.ReadAsync(Wait.Deadline())));
        Assert.Equal(5, Refused(bus));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("a.>.b")]
    [InlineData("a b")]
    [InlineData("a.b*")]
    public async Task Subscribe_NoPattern_IsRefused(string pattern) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Open("one").SubscribeAsync(pattern, Wait.Deadline()));

    [Fact]
    public async Task Subscribe_Cancelled_Throws() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Open("one").SubscribeAsync("a", new CancellationToken(true)));

    [Fact]
    public async Task Dispose_Bus_EndsItsSubscriptions()
    {
        var bus = Open("one");
        var subscription = await bus.SubscribeAsync("a", Wait.Deadline());

        await bus.DisposeAsync();
        bus.Publish("a", "{}"u8);

        Assert.False(await subscription.Messages.WaitToReadAsync(Wait.Deadline()));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => bus.SubscribeAsync("a", Wait.Deadline()));
    }

    [Fact]
    public async Task Publish_OneSubscriberStuck_DropsItsOldestAndNobodyElses()
    {
        const int Bound = 100;
        const int Batches = 20;
        const int Batch = Bound / 2;
        var bus = Open("reader", new QueueBounds(Bound));
        var reader = await bus.SubscribeAsync("a", Wait.Deadline());
        var stuck = await Open("stuck").SubscribeAsync("a", Wait.Deadline());

        for (var i = 0; i < Batches * Batch; i++)
        {
            bus.Publish("a", Number(i));
            if ((i + 1) % Batch == 0)
            {
                for (var j = i - Batch + 1; j <= i; j++)
                {
                    Assert.Equal(j, Number(await reader.Messages.ReadAsync(Wait.Deadline())));
                }
            }
        }

        await Wait.UntilAsync(() => stuck.Messages.Count + stuck.Dropped + DroppedOnTheWay("stuck") == Batches * Batch);
        Assert.Equal(0, reader.Dropped + DroppedOnTheWay("reader"));
        Assert.Equal(Bound, stuck.Messages.Count);
        var last = 0;
        while (stuck.Messages.TryRead(out var message))
        {
            last = Number(message);
        }

        Assert.Equal((Batches * Batch) - 1, last);
    }

    /// <summary>
    /// A million under <c>./test --all</c>. Paced, the publisher keeps within the bound of those who read, so they get
    /// everything; flooding, everybody may lose some, and then it is counted.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Publish_ToTwentyOfWhomOneIsStuck_EveryMessageIsReceivedOrCounted(bool isPaced)
    {
        const int Window = 1000;
        var count = Scale.IsFull ? 1_000_000 : QuickCount;
        var publisher = Open("publisher");
        var stuck = await Open("stuck").SubscribeAsync("work.>", CancellationToken.None);
        var readers = new List<CountingReader>();
        for (var i = 0; i < 19; i++)
        {
            readers.Add(new CountingReader($"s{i}", await Open($"s{i}").SubscribeAsync("work.>", CancellationToken.None)));
        }

        var body = new byte[64];
        for (var i = 1; i <= count; i++)
        {
            publisher.Publish("work.item", body);
            if (isPaced && i % Window == 0)
            {
                await Wait.UntilAsync(() => readers.TrueForAll(reader => reader.Received == i));
            }
        }

        publisher.Publish("work.end", body);
        await Task.WhenAll(readers.Select(reader => reader.Ended));

        var published = Broker.Statistics.Published - 1;
        Assert.Equal(count, published + Unsent(publisher));
        foreach (var reader in readers)
        {
            var dropped = reader.Subscription.Dropped + DroppedOnTheWay(reader.Name);
            Assert.Equal(published, reader.Received + dropped);
            Assert.True(!isPaced || dropped == 0, $"{dropped} dropped");
        }

        await Wait.UntilAsync(() => stuck.Messages.Count + stuck.Dropped + DroppedOnTheWay("stuck") == published + 1);
        Assert.Equal(Math.Min(published + 1, Broker.Bounds.Messages), stuck.Messages.Count);
        Assert.True(!isPaced || Unsent(publisher) == 0);
    }

    private protected abstract int QuickCount { get; }

    private protected abstract IBus Connect(BusBroker broker, string name);

    private protected abstract ValueTask StopAsync();

    /// <summary>Dropped for this subscriber before its messages came to its subscription's queue.</summary>
    private protected abstract long DroppedOnTheWay(string name);

    /// <summary>Dropped before they came to the broker.</summary>
    private protected abstract long Unsent(IBus publisher);

    private protected abstract long Refused(IBus publisher);

    private protected static byte[] Number(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    private protected static int Number(BusMessage message) => BinaryPrimitives.ReadInt32BigEndian(message.Envelope.Span);

    private protected static string Text(BusMessage message) => Encoding.UTF8.GetString(message.Envelope.Span);

    /// <param name="name">Of the subscriber.</param>
    /// <param name="bounds">For the first of a test: those of the broker and all clients.</param>
    private IBus Open(string name, QueueBounds? bounds = null)
    {
        Broker = bounds is null ? Broker : new BusBroker(bounds);
        var bus = Connect(Broker, name);
        _connected.Add(bus);
        return bus;
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
