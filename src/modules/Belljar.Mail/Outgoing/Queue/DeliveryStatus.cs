namespace Belljar.Mail.Outgoing.Queue;

/// <summary>Where a message is, in one word: the frontmatter's <c>delivery_status</c>, and what events and hooks are told.</summary>
internal static class DeliveryStatus
{
    /// <summary><c>queued</c>, <c>deferred</c> (tried, and to be tried again), <c>delivered</c>, <c>failed</c>, <c>dropped</c>, or <c>partial</c> where they differ in the end.</summary>
    public static string Of(IReadOnlyList<QueuedRecipient> recipients)
    {
        if (recipients.Any(recipient => recipient.State == RecipientState.Queued))
        {
            return recipients.Any(recipient => recipient is { State: RecipientState.Queued, Attempts: > 0 }) ? "deferred" : "queued";
        }

        return recipients.All(recipient => recipient.State == RecipientState.Delivered) ? "delivered"
            : recipients.Any(recipient => recipient.State == RecipientState.Delivered) ? "partial"
            : recipients.All(recipient => recipient.State == RecipientState.Dropped) ? "dropped"
            : "failed";
    }
}

/// <summary>A message of a mailbox of which nobody is left to be tried; its recipients say how each ended.</summary>
internal sealed record SentMessage(QueuedMessage Message, string Status);
