using Belljar.Mail.Outgoing.Queue;

namespace Belljar.Mail.Delivering;

/// <summary>Brings a message to recipients of one domain, once.</summary>
internal interface IDelivery
{
    /// <returns>One outcome for each of the recipients.</returns>
    Task<IReadOnlyList<RecipientOutcome>> DeliverAsync(QueuedMessage message, string domain, IReadOnlyList<QueuedRecipient> recipients, CancellationToken ct);
}
