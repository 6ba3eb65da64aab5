namespace Belljar.Contracts.Events;

/// <summary>Where producers hand over what they observed. Recording never fails the work that is recorded.</summary>
public interface IEventSink
{
    /// <summary>
    /// Completes when the event is durable: committed by the recorder, or, while the recorder is away, written to this
    /// producer's spool, from which it is replayed later.
    /// </summary>
    ValueTask RecordAsync(BelljarEvent e, CancellationToken ct);

    /// <summary>
    /// Hands the event over without waiting. The queue behind it is bounded; what does not fit is dropped, counted,
    /// and the count logged.
    /// </summary>
    void Post(BelljarEvent e);
}
