using System.Text.Json.Serialization;

namespace Belljar.Mail.Outgoing.Queue;

/// <summary>One recipient that waits.</summary>
/// <param name="Id">The message's name in the queue.</param>
/// <param name="MessageId">Without angle brackets.</param>
/// <param name="Mailbox">Null for our own reports.</param>
/// <param name="Sender">The reverse-path; empty for the null sender.</param>
/// <param name="Size">Octets of the message.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="NextAt">When it is tried next; in the past: now.</param>
/// <param name="Reply">What the last attempt brought; empty before the first.</param>
public sealed record QueueEntry(
    string Id, string MessageId, string? Mailbox, string Sender, string Recipient, long Size, int Attempts, DateTimeOffset QueuedAt, DateTimeOffset NextAt, string Reply);

/// <param name="Reply">With which it refused.</param>
public sealed record SuppressedAddress(string Address, DateTimeOffset Since, string Reply);

/// <summary>What became of a message that was to be queued.</summary>
internal abstract record EnqueueResult
{
    /// <param name="Recipients">As they are stored.</param>
    public sealed record Queued(long Key, IReadOnlyList<QueuedRecipient> Recipients) : EnqueueResult;

    /// <summary>The idempotency key stands for this very message.</summary>
    public sealed record Repeated(string MessageId, string Id) : EnqueueResult;

    /// <summary>The idempotency key stands for another message.</summary>
    public sealed record KeyReused : EnqueueResult;

    public sealed record Suppressed(string Address) : EnqueueResult;

    /// <summary>More recipients in this hour than the mailbox may write to.</summary>
    public sealed record TooMany : EnqueueResult;
}

[JsonSerializable(typeof(string[]))]
internal sealed partial class QueueJson : JsonSerializerContext;
