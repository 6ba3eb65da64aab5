using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Outgoing.Queue;

/// <summary>A message to be queued.</summary>
/// <param name="Id">What the queue calls it.</param>
/// <param name="MessageId">Without angle brackets.</param>
/// <param name="Mailbox">Whose sent mail it is; null for our own reports.</param>
/// <param name="Stem">Its name in the sent folder; null for reports.</param>
/// <param name="Format">The frontmatter's <c>outbound_format</c>.</param>
/// <param name="Sender">The reverse-path; null for the null sender.</param>
internal sealed record NewMessage(
    string Id, string MessageId, string? Mailbox, string? Stem, string Bcc, string Format, SmtpAddress? Sender, byte[] Raw,
    bool IsEightBit, bool IsUtf8, bool IsAutomatic, IReadOnlyList<SmtpAddress> Recipients)
{
    /// <summary>As it stands in the queue.</summary>
    public QueuedMessage Stored(EnqueueResult.Queued queued, DateTimeOffset at) => new(
        queued.Key, Id, MessageId, Mailbox, Stem, Bcc, Format, Sender?.ToString() ?? "", Raw, IsEightBit, IsUtf8, IsAutomatic, at, queued.Recipients);
}

/// <summary>A message of the queue, with the recipients that are asked for.</summary>
internal sealed record QueuedMessage(
    long Key, string Id, string MessageId, string? Mailbox, string? Stem, string Bcc, string Format, string Sender, byte[] Raw,
    bool IsEightBit, bool IsUtf8, bool IsAutomatic, DateTimeOffset CreatedAt, IReadOnlyList<QueuedRecipient> Recipients);

internal sealed record QueuedRecipient(
    long Key, string Address, string Domain, RecipientState State, int Attempts, DateTimeOffset NextAt, DateTimeOffset ChangedAt, string Reply);

/// <summary>What an attempt made of one recipient.</summary>
/// <param name="Reply">The other side's words, with who said them; or why nobody said anything.</param>
/// <param name="Status">Enhanced (RFC 3463), for the report.</param>
/// <param name="RemoteHost">Who said it; null when nobody did.</param>
/// <param name="Suppresses">The address itself is refused for good, so that nothing more is sent to it.</param>
internal sealed record RecipientOutcome(
    QueuedRecipient Recipient, AttemptVerdict Verdict, string Reply, string Status, string? RemoteHost = null, bool Suppresses = false);

internal enum AttemptVerdict
{
    Delivered,
    Deferred,
    Failed,
}
