using System.Net;
using Belljar.Mail.Mailboxes;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Mail.Routing;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Delivering;

/// <summary>To mailboxes of our own: nothing leaves the machine, and our MX is not asked.</summary>
/// <param name="afterwards">Told of what is stored, as the listener tells of what arrives; it never waits.</param>
internal sealed class LocalDelivery(MailboxRegistry mailboxes, MailStore store, TimeProvider clock, Action<StoredDelivery>? afterwards) : IDelivery
{
    private string HostName => mailboxes.Options.HostName;

    public async Task<IReadOnlyList<RecipientOutcome>> DeliverAsync(
        QueuedMessage message, string domain, IReadOnlyList<QueuedRecipient> recipients, CancellationToken ct)
    {
        var outcomes = new List<RecipientOutcome>();
        foreach (var recipient in recipients)
        {
            outcomes.Add(await DeliverAsync(message, recipient));
        }

        return outcomes;
    }

    private async Task<RecipientOutcome> DeliverAsync(QueuedMessage message, QueuedRecipient recipient)
    {
        if (!OutgoingMessageReader.TryAddress(recipient.Address, out var address) || mailboxes.Routes.Find(address) is not { Kind: RouteKind.Delivered, Mailbox: { } mailbox })
        {
            return new RecipientOutcome(recipient, AttemptVerdict.Failed, "550 5.1.1 no such mailbox here", "5.1.1", HostName, Suppresses: true);
        }

        if (store.IsOverQuota(mailbox, message.Raw.Length))
        {
            return new RecipientOutcome(recipient, AttemptVerdict.Deferred, "452 4.2.2 the mailbox is full", "4.2.2", HostName);
        }

        var received = new ReceivedMessage(message.Raw, message.Sender, IPAddress.Loopback, HostName, "ESMTP", clock.GetUtcNow());
        if (await store.DeliverAsync(received, [new Delivery(mailbox, [recipient.Address])]) is not { } stored)
        {
            return new RecipientOutcome(recipient, AttemptVerdict.Deferred, "451 4.3.0 the message could not be stored", "4.3.0", HostName);
        }

        foreach (var delivered in stored)
        {
            afterwards?.Invoke(new StoredDelivery(delivered, message.Sender, received.ReceivedAt));
        }

        return new RecipientOutcome(recipient, AttemptVerdict.Delivered, "250 2.1.5 stored in a mailbox of this server", "2.1.5", HostName);
    }
}
