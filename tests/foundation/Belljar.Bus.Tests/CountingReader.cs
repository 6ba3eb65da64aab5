namespace Belljar.Bus.Tests;

/// <summary>Reads until <c>work.end</c>, as fast as it can.</summary>
internal sealed class CountingReader
{
    private long _received;

    public CountingReader(string name, ISubscription subscription)
    {
        (Name, Subscription) = (name, subscription);
        Ended = Task.Run(ReadAsync);
    }

    public string Name { get; }

    public ISubscription Subscription { get; }

    public long Received => Interlocked.Read(ref _received);

    public Task Ended { get; }

    private async Task ReadAsync()
    {
        await foreach (var message in Subscription.Messages.ReadAllAsync(CancellationToken.None))
        {
            if (message.Topic == "work.end")
            {
                return;
            }

            Interlocked.Increment(ref _received);
        }
    }
}
