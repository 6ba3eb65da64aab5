using Belljar.Bus;
using Microsoft.Extensions.Hosting;

namespace Belljar.Web.Live;

/// <summary>
/// Wakes whoever waits for something new. It rings for every message on the bus and says nothing about it: each one looks
/// at the record by himself, and would find it there without the bell too, only later.
/// </summary>
internal sealed class Doorbell(IBus bus) : BackgroundService
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next ring. Take it before looking, so that no ring falls between looking and waiting.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Ring() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var subscription = await bus.SubscribeAsync(">", stoppingToken);
        while (await subscription.Messages.WaitToReadAsync(stoppingToken))
        {
            // Many messages are one ring.
            while (subscription.Messages.TryRead(out _))
            {
            }

            Ring();
        }
    }
}
