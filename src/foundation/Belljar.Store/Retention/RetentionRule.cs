using Belljar.Store.Audit;

namespace Belljar.Store.Retention;

/// <summary>How long events of some kinds are kept. The first rule whose pattern matches a kind is the one for it.</summary>
/// <param name="KindPattern">A topic pattern over kinds: <c>decoy.&gt;</c>, <c>&gt;</c>.</param>
/// <param name="MaxAge">Events that happened longer ago are removed; null keeps them.</param>
/// <param name="MaxBytes">Room for each kind, in bytes of data and about 100 per row; the oldest arrivals go first. Null is no bound.</param>
public sealed record RetentionRule(string KindPattern, TimeSpan? MaxAge, long? MaxBytes);

/// <param name="Removed">Events removed, by kind.</param>
/// <param name="Checkpoint">
/// Where the audit chain begins from now on, when audit events were removed: to be written down beside the hourly head.
/// </param>
public sealed record RetentionResult(IReadOnlyDictionary<string, long> Removed, AuditHead? Checkpoint);
