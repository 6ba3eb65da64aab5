namespace Belljar.Bus.Tests;

public class SubscriptionQueueTests
{
    private readonly SubscriptionQueue _queue = new("x", new QueueBounds());

    [Fact]
    public async Task WaitToRead_ThenDeliver_WakesEveryWaiter()
    {
        var first = _queue.WaitToReadAsync(CancellationToken.None).AsTask();
        var second = _queue.WaitToReadAsync(CancellationToken.None).AsTask();

        _queue.Deliver(new BusMessage("a", default));

        Assert.True(await first && await second);
    }

    [Fact]
    public async Task WaitToRead_Cancelled_LeavesTheOthersWaiting()
    {
        using var cancel = new CancellationTokenSource();
        var cancelled = _queue.WaitToReadAsync(cancel.Token).AsTask();
        var waiting = _queue.WaitToReadAsync(CancellationToken.None).AsTask();

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        _queue.Deliver(new BusMessage("a", default));

        Assert.True(await waiting);
    }

    [Fact]
    public async Task End_WhileWaiting_SaysThereIsNoMore()
    {
        var waiting = _queue.WaitToReadAsync(CancellationToken.None).AsTask();

        _queue.End();
        _queue.Deliver(new BusMessage("late", default));

        Assert.False(await waiting);
        Assert.False(_queue.TryRead(out _));
        Assert.True(_queue.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public void Queue_Empty_CostsLittle()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var queues = Enumerable.Range(0, 100).Select(_ => new SubscriptionQueue("x", new QueueBounds())).ToArray();
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / queues.Length;

        Assert.InRange(each, 1, 600);
    }
}
