using System.Text.Json;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Store.Events;
using Belljar.Testing;

namespace Belljar.Store.Tests.Events;

public sealed class EventLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    [Fact]
    public void Append_ThenList_GivesTheSameEventBack()
    {
        using var log = Sample.Log(_folder, _clock);
        var e = Sample.Mail(_clock) with { Session = "s-1", Attacker = "a-1", Decoy = "d-1", Severity = Severity.Alert, Time = _clock.GetUtcNow().AddTicks(3) };

        log.Append(Sample.Received(e));

        var stored = Assert.Single(log.Reader.List(new EventQuery(), Ct));
        Assert.Equal((1L, Sample.Me), (stored.Seq, stored.Sender));
        Assert.Equal(Json(e), Json(stored.Event));
    }

    [Fact]
    public void Append_SameIdTwice_StoresTheFirst()
    {
        using var log = Sample.Log(_folder, _clock);
        var e = Sample.Connection(_clock);

        var first = log.Append(Sample.Received(e, e with { Decoy = "other" }));
        var second = log.Append(Sample.Received(e, Sample.Connection(_clock)));

        Assert.Equal([1L], first.Select(stored => stored.Seq));
        Assert.Equal([2L], second.Select(stored => stored.Seq));
        Assert.Equal(2, log.Reader.Count(new EventQuery(), Ct));
        Assert.Equal("web-1", log.Reader.List(new EventQuery { NewestFirst = false }, Ct)[0].Event.Decoy);
    }

    [Fact]
    public void Append_OneOfUnknownKind_StoresNothing()
    {
        using var log = Sample.Log(_folder, _clock);

        Assert.Throws<ArgumentException>(() => log.Append(Sample.Received(Sample.Decision(_clock), Sample.Mail(_clock) with { Kind = "no.such" })));

        Assert.Equal(0, log.Reader.Count(new EventQuery(), Ct));
        Assert.Equal(0, log.Head.Count);
        Assert.Equal([1L], log.Append(Sample.Received(Sample.Decision(_clock))).Select(stored => stored.Seq));
        Assert.Equal(1, log.Head.Count);
    }

    [Fact]
    public void Open_Again_GoesOnCounting()
    {
        using (Sample.Log(_folder, _clock, events: 5))
        {
        }

        using var log = Sample.Log(_folder, _clock);
        Assert.Equal([6L], log.Append(Sample.Received(Sample.Mail(_clock))).Select(stored => stored.Seq));
    }

    [Fact]
    public void Open_WhileAnotherRecorderHasIt_IsRefused()
    {
        using var log = Sample.Log(_folder, _clock);

        Assert.Contains("Another recorder", Assert.Throws<StoreException>(() => EventLog.Open(_folder["events.db"], _clock)).Message);
    }

    [Fact]
    public void Reader_BeforeThereIsALog_SaysWhatToDo() =>
        Assert.Contains("belljar up", Assert.Throws<StoreException>(() => EventReader.Open(_folder["events.db"])).Message);

    [Fact]
    public void Reader_OfItsOwn_SeesWhatIsCommittedMeanwhile()
    {
        using var log = Sample.Log(_folder, _clock, events: 1);
        using var reader = EventReader.Open(_folder["events.db"]);
        Assert.Equal(1, reader.LastSeq());

        log.Append(Sample.Received(Sample.Connection(_clock)));

        Assert.Equal([2L], reader.List(new EventQuery { AfterSeq = 1 }, Ct).Select(stored => stored.Seq));
    }

    [Fact]
    public void Reader_AfterTheRecorderEnded_StillReads()
    {
        using (Sample.Log(_folder, _clock, events: 3))
        {
        }

        using var reader = EventReader.Open(_folder["events.db"]);
        Assert.Equal(3, reader.Count(new EventQuery(), Ct));
    }

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Json(BelljarEvent e) => JsonSerializer.Serialize(e, ContractsJson.Default.BelljarEvent);
}
