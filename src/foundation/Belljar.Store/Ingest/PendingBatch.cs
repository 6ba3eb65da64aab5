using Belljar.Store.Events;

namespace Belljar.Store.Ingest;

/// <summary>What became of a batch.</summary>
/// <param name="IsStored">Committed; or all of it was there already.</param>
/// <param name="Rejection">Why it can never be stored; null with <paramref name="IsStored"/> false means: not now.</param>
internal readonly record struct BatchOutcome(bool IsStored, string? Rejection)
{
    public static BatchOutcome Stored => new(true, null);

    public static BatchOutcome NotNow => new(false, null);

    public static BatchOutcome Rejected(string reason) => new(false, reason);
}

/// <summary>A batch on its way to the writer, and who is told of the outcome (on the writer's loop: must not block).</summary>
internal sealed record PendingBatch(IReadOnlyList<ReceivedEvent> Events, Action<BatchOutcome> Answer);
