using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Store.Audit;
using Belljar.Store.Events;

namespace Belljar.Store.Retention;

/// <summary>
/// Removes what the rules no longer keep, in small transactions between which the recorder goes on writing. Audit events
/// go only from the beginning of the chain, up to the first that some rule still keeps, and leave a checkpoint, so that
/// the rest of the chain verifies.
/// </summary>
public static class EventRetention
{
    private const int RowsAtOnce = 5000;

    public static RetentionResult Apply(EventLog log, IReadOnlyList<RetentionRule> rules, TimeProvider clock, CancellationToken ct)
    {
        var removed = new Dictionary<string, long>();
        var expiredAudit = new List<RetentionSql.Expiry>();
        foreach (var (name, id) in log.Kinds.All)
        {
            var rule = rules.FirstOrDefault(rule => Topic.Matches(rule.KindPattern, name));
            if (rule is null || Expiry(log, id, rule, clock) is not { } expiry)
            {
                continue;
            }

            if (EventKinds.All.Find(name) is { IsAudit: true })
            {
                expiredAudit.Add(expiry);
            }
            else if (RemoveAll(log, expiry, ct) is > 0 and var count)
            {
                removed[name] = count;
            }
        }

        return new RetentionResult(removed, RemoveAudit(log, expiredAudit, removed, clock, ct));
    }

    private static RetentionSql.Expiry? Expiry(EventLog log, int kind, RetentionRule rule, TimeProvider clock)
    {
        var before = rule.MaxAge is { } age ? EventTime.ToColumn(clock.GetUtcNow() - age) : long.MinValue;
        using var reader = log.Reader.OpenConnection();
        var upTo = rule.MaxBytes is { } bytes ? RetentionSql.LastBeyond(reader, kind, bytes) : 0;
        return rule is { MaxAge: null } && upTo == 0 ? null : new RetentionSql.Expiry(kind, before, upTo);
    }

    private static long RemoveAll(EventLog log, RetentionSql.Expiry expiry, CancellationToken ct)
    {
        long count = 0;
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            var now = log.Durably(writer => RetentionSql.Remove(writer, expiry, RowsAtOnce));
            count += now;
            if (now < RowsAtOnce)
            {
                return count;
            }
        }
    }

    private static AuditHead? RemoveAudit(
        EventLog log, List<RetentionSql.Expiry> expired, Dictionary<string, long> removed, TimeProvider clock, CancellationToken ct)
    {
        AuditHead? checkpoint = null;
        while (expired.Count > 0)
        {
            ct.ThrowIfCancellationRequested();
            var step = log.Durably(writer => RetentionSql.RemoveFirstLinks(writer, expired, RowsAtOnce, EventTime.ToColumn(clock.GetUtcNow())));
            foreach (var (kind, count) in step.ByKind)
            {
                var name = log.Kinds.NameOf(kind);
                removed[name] = removed.GetValueOrDefault(name) + count;
            }

            checkpoint = step.Checkpoint ?? checkpoint;
            if (step.Checkpoint is null)
            {
                break;
            }
        }

        return checkpoint;
    }
}
