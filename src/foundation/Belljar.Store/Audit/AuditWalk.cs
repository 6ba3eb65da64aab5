using Belljar.Contracts.Events;
using Belljar.Store.Events;
using Belljar.Store.Sqlite;
using Microsoft.Data.Sqlite;

namespace Belljar.Store.Audit;

/// <summary>
/// One walk: the links in order, each beside its event, and in step with them the numbers of all events that must have
/// a link. The first thing that does not fit ends it.
/// </summary>
internal sealed class AuditWalk(SqliteConnection connection, KindTable kinds, AuditHead? known)
{
    private readonly AuditLink _link = new();

    private long _position;
    private long _firstPosition;
    private long _seq;
    private byte[] _hash = AuditLink.Genesis;
    private AuditVerdict? _broken;

    public AuditVerdict Run(CancellationToken ct)
    {
        StartAtCheckpoint();
        if (known is { } head && head.Count < _position)
        {
            return Broken(AuditBreak.HeadTooOld, head.Count, 0, $"Retention has removed the first {_position} audit events, and this head is older: use a newer one.");
        }

        CompareWithHead();
        using var audited = connection.Statement(AuditSql.AuditedSeqs(AuditKinds()));
        using var seqs = audited.ExecuteReader();
        using var linked = connection.Statement(AuditSql.LinksWithEvents);
        using var links = linked.ExecuteReader();
        var hasSeq = seqs.Read();
        while (_broken is null && links.Read())
        {
            ct.ThrowIfCancellationRequested();
            var linkSeq = links.GetInt64(1);
            if (hasSeq && seqs.GetInt64(0) < linkSeq)
            {
                break;
            }

            hasSeq = hasSeq && (seqs.GetInt64(0) > linkSeq || seqs.Read());
            Step(links, linkSeq);
        }

        return _broken ?? (hasSeq ? Unlinked(seqs.GetInt64(0)) : End());
    }

    private void StartAtCheckpoint()
    {
        using var command = connection.Statement(AuditSql.LastCheckpoint);
        using var row = command.ExecuteReader();
        if (row.Read())
        {
            (_position, _seq, _hash) = (row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2));
            _firstPosition = _position;
        }
    }

    private void Step(SqliteDataReader links, long linkSeq)
    {
        var position = links.GetInt64(0);
        if (position <= _position)
        {
            Break(AuditBreak.Reordered, position, linkSeq, $"Link {position} lies before the checkpoint at {_position}, which retention did not leave there.");
            return;
        }

        if (position > _position + 1)
        {
            Break(AuditBreak.LinksRemoved, _position + 1, 0, $"Links {_position + 1} to {position - 1} were removed from the chain.");
            return;
        }

        if (linkSeq <= _seq)
        {
            Break(AuditBreak.Reordered, position, linkSeq, $"Link {position} is for event {linkSeq}, which arrived before the one in front of it.");
            return;
        }

        const int firstEventColumn = 4;
        if (links.IsDBNull(firstEventColumn))
        {
            Break(AuditBreak.EventMissing, position, linkSeq, $"Event {linkSeq} was deleted; its link {position} is still there.");
            return;
        }

        if (!Follows(links, firstEventColumn, out var hash))
        {
            Break(AuditBreak.Changed, position, linkSeq, $"Event {linkSeq} or its link {position} was changed after it was recorded (or put in the place of another).");
            return;
        }

        (_position, _seq, _hash) = (position, linkSeq, hash);
        CompareWithHead();
    }

    private bool Follows(SqliteDataReader links, int firstEventColumn, out byte[] hash)
    {
        hash = [];
        try
        {
            var stored = EventColumns.Read(links, kinds.NameOf, firstEventColumn);
            hash = _link.HashOf(_hash, stored);
            return hash.AsSpan().SequenceEqual(links.GetFieldValue<byte[]>(3))
                && stored.Event.Id == new Guid(links.GetFieldValue<byte[]>(2), bigEndian: true);
        }
        catch (Exception e) when (e is StoreException or ArgumentException or InvalidCastException)
        {
            // What cannot even be read is not what the recorder wrote.
            return false;
        }
    }

    private AuditVerdict Unlinked(long seq) => Broken(
        AuditBreak.LinkMissing, 0, seq, $"Event {seq} must be in the chain and is not: its link was removed, or it was not written by the recorder.");

    private AuditVerdict End()
    {
        if (known is { } head && _position < head.Count)
        {
            return Broken(
                AuditBreak.Truncated, _position + 1, 0, $"The chain ends at link {_position}; the head that was written down is link {head.Count}: the end was cut off.");
        }

        return new AuditVerdict(AuditBreak.None, _position - _firstPosition, 0, 0, "Every link follows from the one before.", Here);
    }

    private void CompareWithHead()
    {
        if (known is { } head && head.Count == _position && head.Hash != Here.Hash)
        {
            Break(AuditBreak.Rewritten, _position, _seq, $"Link {_position} has another hash than the head that was written down: the chain was written anew at or before it.");
        }
    }

    private AuditHead Here => new(_position, Convert.ToHexStringLower(_hash));

    private IEnumerable<int> AuditKinds() =>
        kinds.All.Where(kind => EventKinds.All.Find(kind.Key) is { IsAudit: true }).Select(kind => kind.Value);

    private void Break(AuditBreak what, long position, long seq, string meaning) => _broken ??= Broken(what, position, seq, meaning);

    private AuditVerdict Broken(AuditBreak what, long position, long seq, string meaning)
    {
        var (count, hash) = AuditSql.End(connection);
        return new AuditVerdict(what, _position - _firstPosition, position, seq, meaning, new AuditHead(count, Convert.ToHexStringLower(hash)));
    }
}
