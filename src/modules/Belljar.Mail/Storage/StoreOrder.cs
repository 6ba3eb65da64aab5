namespace Belljar.Mail.Storage;

/// <summary>A message on its way into all of its mailboxes, and whoever waits for it.</summary>
internal sealed class StoreOrder(ReceivedMessage received, IReadOnlyList<Delivery> deliveries)
{
    private readonly TaskCompletionSource<IReadOnlyList<DeliveredMessage>?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReceivedMessage Received => received;

    public IReadOnlyList<Delivery> Deliveries => deliveries;

    /// <summary>One a mailbox in which it is new.</summary>
    public List<MessageWrite> Writes { get; } = [];

    public Task<IReadOnlyList<DeliveredMessage>?> Stored => _done.Task;

    public void Finish(bool stored) => _done.SetResult(stored ? [.. Writes.Select(write => write.Delivered)] : null);
}
