namespace Belljar.Bus.Tests;

public class DropOldestQueueTests
{
    [Fact]
    public void Enqueue_MoreThanTheMessages_DropsTheOldest()
    {
        var queue = new DropOldestQueue(new QueueBounds(Messages: 3));
        for (var i = 0; i < 5; i++)
        {
            queue.Enqueue(Of(i, 1));
        }

        Assert.Equal((3, 2L, 5L, 2L), (queue.Count, queue.Dropped, queue.Accepted, queue.Head));
        Assert.True(queue.TryDequeue(out var oldest));
        Assert.Equal("t2", oldest.Topic);
    }

    [Fact]
    public void Enqueue_MoreThanTheBytes_DropsTheOldestAndKeepsTheNewest()
    {
        var queue = new DropOldestQueue(new QueueBounds(Bytes: 100));
        queue.Enqueue(Of(0, 60));
        queue.Enqueue(Of(1, 40));
        Assert.Equal(0, queue.Dropped);

        queue.Enqueue(Of(2, 1));
        Assert.Equal((2, 1L), (queue.Count, queue.Dropped));

        queue.Enqueue(Of(3, 5000));
        Assert.Equal((1, 3L), (queue.Count, queue.Dropped));
        Assert.True(queue.TryPeek(out var newest));
        Assert.Equal("t3", newest.Topic);
    }

    [Fact]
    public void Dequeue_GivesItsBytesBack()
    {
        var queue = new DropOldestQueue(new QueueBounds(Bytes: 100));
        for (var i = 0; i < 10; i++)
        {
            queue.Enqueue(Of(i, 100));
            Assert.True(queue.TryDequeue(out _));
        }

        Assert.Equal(0, queue.Dropped);
    }

    [Fact]
    public void Discard_CountsWhatWaited()
    {
        var queue = new DropOldestQueue(new QueueBounds());
        queue.Enqueue(Of(0, 1));
        queue.Enqueue(Of(1, 1));
        queue.TryDequeue(out _);

        queue.Discard();

        Assert.Equal(new SubscriberStatistics(Delivered: 1, Dropped: 1, Waiting: 0), SubscriberStatistics.Of(queue));
    }

    private static BusMessage Of(int number, int bytes) => new($"t{number}", new byte[bytes]);
}
