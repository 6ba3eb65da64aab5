using Belljar.Protocols.Aimx;

namespace Belljar.Mail.Outgoing;

/// <summary>What <see cref="OutgoingMail.SubmitAsync"/> answers: one of the two below.</summary>
public abstract record SubmitResult
{
    private SubmitResult()
    {
    }

    /// <summary>The message is durable here, and delivered, bounced or waiting from now on.</summary>
    /// <param name="MessageId">With its angle brackets.</param>
    /// <param name="QueueId">What <c>belljar mail queue</c> calls it.</param>
    /// <param name="Outcome">Of the first attempts, when it was waited for; null otherwise, and for a repeated idempotency key.</param>
    public sealed record Accepted(string MessageId, string QueueId, DeliveryOutcome? Outcome) : SubmitResult;

    /// <summary>Nothing of it is kept.</summary>
    public sealed record Refused(AimxError Error) : SubmitResult;

    internal static Refused Refuse(AimxErrorCode code, string reason) => new(new AimxError(code, reason));
}

/// <summary>Where every recipient is after its first attempt.</summary>
public sealed record DeliveryOutcome(IReadOnlyList<RecipientStatus> Recipients)
{
    public bool IsDelivered => Recipients.All(recipient => recipient.State == RecipientState.Delivered);

    /// <summary>Nobody got it, and nobody will: ERR DELIVERY.</summary>
    public bool IsFailed => Recipients.All(recipient => recipient.State is RecipientState.Failed or RecipientState.Expired);

    /// <summary>The words of the other side for the first recipient that has not got it.</summary>
    public string Reason => Recipients.FirstOrDefault(recipient => recipient.State != RecipientState.Delivered)?.Reply ?? "";
}

/// <param name="Reply">What the other side said last, or why nobody said anything; empty before the first attempt.</param>
public sealed record RecipientStatus(string Address, RecipientState State, string Reply);

public enum RecipientState
{
    Queued,
    Delivered,

    /// <summary>Refused for good.</summary>
    Failed,

    /// <summary>Tried for as long as mail is tried.</summary>
    Expired,

    /// <summary>Taken out of the queue by the operator.</summary>
    Dropped,
}
