using Belljar.Contracts.Events;
using Belljar.Store.Audit;
using Belljar.Store.Events;
using Belljar.Store.Retention;
using Belljar.Testing;

namespace Belljar.Store.Tests.Retention;

public sealed class EventRetentionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    [Fact]
    public void Apply_ByAge_RemovesThatKindAlone()
    {
        using var log = TenDays();

        var result = EventRetention.Apply(log, [new RetentionRule("decoy.>", TimeSpan.FromDays(3.5), null)], _clock, Ct);

        Assert.Equal(7, result.Removed["decoy.connection"]);
        Assert.Null(result.Checkpoint);
        Assert.Equal(3, Count(log, "decoy.>"));
        Assert.Equal(10, Count(log, "mail.>"));
    }

    [Fact]
    public void Apply_BySize_RemovesTheOldestArrivals()
    {
        using var log = TenDays();
        var row = log.Reader.List(new EventQuery { KindPattern = "mail.>", Limit = 1 }, Ct)[0].Event.Data.GetRawText();
        var bytes = System.Text.Encoding.UTF8.GetByteCount(row) + 100;

        EventRetention.Apply(log, [new RetentionRule("mail.>", null, (4 * bytes) + 10)], _clock, Ct);

        Assert.Equal([21L, 24, 27, 30], log.Reader.List(new EventQuery { KindPattern = "mail.>", NewestFirst = false }, Ct).Select(e => e.Seq));
    }

    [Fact]
    public void Apply_ToAuditEvents_LeavesACheckpointFromWhichTheChainVerifies()
    {
        using var log = TenDays();
        var before = log.Head;

        var result = EventRetention.Apply(log, [new RetentionRule(">", TimeSpan.FromDays(3.5), null)], _clock, Ct);

        Assert.Equal(7, result.Removed["gate.egress.decision"]);
        Assert.Equal(7, result.Checkpoint!.Value.Count);
        var verdict = AuditChain.Verify(log.Reader, before, Ct);
        Assert.Equal((AuditBreak.None, 3L, before), (verdict.Break, verdict.Links, verdict.Head));
        Assert.True(AuditChain.Verify(log.Reader, result.Checkpoint, Ct).IsIntact);
    }

    [Fact]
    public void Apply_OneAuditKindIsKeptLonger_StopsThere()
    {
        using var log = Sample.Log(_folder, _clock);
        log.Append(Sample.Received(Sample.Decision(_clock)));
        log.Append(Sample.Received(EventKinds.SystemStopped.At(_clock, new SystemStopped(1)) with { Host = "box" }));
        log.Append(Sample.Received(Sample.Decision(_clock)));
        _clock.Advance(TimeSpan.FromDays(30));

        var result = EventRetention.Apply(
            log, [new RetentionRule("system.>", TimeSpan.FromDays(365), null), new RetentionRule(">", TimeSpan.FromDays(7), null)], _clock, Ct);

        Assert.Equal(1, result.Checkpoint!.Value.Count);
        Assert.Equal(1, Count(log, "gate.>"));
        Assert.True(AuditChain.Verify(log.Reader, null, Ct).IsIntact);
    }

    [Fact]
    public void Apply_ToEverything_NeverGivesANumberTwice()
    {
        using (var log = TenDays())
        {
            _clock.Advance(TimeSpan.FromDays(100));
            var head = log.Head;
            EventRetention.Apply(log, [new RetentionRule(">", TimeSpan.FromDays(1), null)], _clock, Ct);
            Assert.Equal(0, Count(log, ">"));
            Assert.Equal(head, AuditChain.Verify(log.Reader, head, Ct).Head);
        }

        using var again = EventLog.Open(_folder["events.db"], _clock);
        Assert.Equal([31L], again.Append(Sample.Received(Sample.Decision(_clock))).Select(stored => stored.Seq));
        Assert.Equal(11, again.Head.Count);
        Assert.True(AuditChain.Verify(again.Reader, again.Head, Ct).IsIntact);
    }

    [Fact]
    public void Verify_AgainstAHeadBeforeTheCheckpoint_SaysSo()
    {
        using var log = Sample.Log(_folder, _clock, events: 1);
        var old = log.Head;
        log.Append(Sample.Received(Sample.Decision(_clock), Sample.Decision(_clock)));
        _clock.Advance(TimeSpan.FromDays(2));
        EventRetention.Apply(log, [new RetentionRule(">", TimeSpan.FromDays(1), null)], _clock, Ct);

        Assert.Equal(AuditBreak.HeadTooOld, AuditChain.Verify(log.Reader, old, Ct).Break);
    }

    [Fact]
    public void Apply_WithoutARuleForAKind_KeepsIt()
    {
        using var log = TenDays();
        _clock.Advance(TimeSpan.FromDays(10_000));

        Assert.Empty(EventRetention.Apply(log, [new RetentionRule("mail.>", null, null)], _clock, Ct).Removed);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A decision, a connection and a mail on each of ten days; now is the last of them.</summary>
    private EventLog TenDays()
    {
        var log = Sample.Log(_folder, _clock);
        for (var day = 0; day < 10; day++)
        {
            _clock.Advance(TimeSpan.FromDays(1));
            log.Append(Sample.Received(Sample.Decision(_clock), Sample.Connection(_clock), Sample.Mail(_clock)));
        }

        _clock.Advance(TimeSpan.FromHours(13));
        return log;
    }

    private static long Count(EventLog log, string pattern) => log.Reader.Count(new EventQuery { KindPattern = pattern }, Ct);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;
}
