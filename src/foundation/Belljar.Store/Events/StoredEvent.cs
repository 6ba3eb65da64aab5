using Belljar.Contracts.Events;

namespace Belljar.Store.Events;

/// <summary>An event as it stands in the log.</summary>
/// <param name="Seq">Order of arrival, from 1, never given twice: the cursor for whoever follows the log.</param>
public readonly record struct StoredEvent(long Seq, BelljarEvent Event, Sender Sender);

/// <summary>An event on its way into the log, checked and stamped.</summary>
public readonly record struct ReceivedEvent(BelljarEvent Event, Sender Sender);
