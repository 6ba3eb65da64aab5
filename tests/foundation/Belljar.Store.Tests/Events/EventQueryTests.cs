using Belljar.Contracts.Events;
using Belljar.Store.Events;
using Belljar.Store.Sqlite;
using Belljar.Testing;

namespace Belljar.Store.Tests.Events;

public sealed class EventQueryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly EventLog _log;

    /// <summary>Decisions at 1, 4, 7, 10; connections at 2, 5, 8; mails at 3, 6, 9. One minute apart.</summary>
    public EventQueryTests()
    {
        _log = Sample.Log(_folder, _clock);
        for (var i = 0; i < 10; i++)
        {
            _log.Append(Sample.Received((i % 3) switch
            {
                0 => Sample.Decision(_clock, session: i < 5 ? "one" : "two"),
                1 => Sample.Connection(_clock, severity: i == 4 ? Severity.Alert : Severity.Notice),
                _ => Sample.Mail(_clock),
            }));
            _clock.Advance(TimeSpan.FromMinutes(1));
        }
    }

    public static TheoryData<EventQuery, string> Queries => new()
    {
        { new EventQuery(), "10 9 8 7 6 5 4 3 2 1" },
        { new EventQuery { NewestFirst = false, Limit = 3 }, "1 2 3" },
        { new EventQuery { KindPattern = "gate.egress.decision" }, "10 7 4 1" },
        { new EventQuery { KindPattern = "gate.>" }, "10 7 4 1" },
        { new EventQuery { KindPattern = "*.connection" }, "8 5 2" },
        { new EventQuery { KindPattern = "*.*" }, "9 8 6 5 3 2" },
        { new EventQuery { KindPattern = "*.*", Limit = 2, NewestFirst = false }, "2 3" },
        { new EventQuery { KindPattern = "*.*", BeforeSeq = 8, Limit = 2 }, "6 5" },
        { new EventQuery { KindPattern = ">", Limit = 1 }, "10" },
        { new EventQuery { KindPattern = "no.such.kind" }, "" },
        { new EventQuery { Session = "two" }, "10 7" },
        { new EventQuery { Session = "two", KindPattern = "gate.>" }, "10 7" },
        { new EventQuery { Session = "two", KindPattern = "mail.>" }, "" },
        { new EventQuery { Decoy = "web-1", Limit = 2 }, "8 5" },
        { new EventQuery { Mailbox = "agent@example.org" }, "9 6 3" },
        { new EventQuery { Attacker = "nobody" }, "" },
        { new EventQuery { MinimumSeverity = Severity.Alert }, "5" },
        { new EventQuery { AfterSeq = 3, BeforeSeq = 6 }, "5 4" },
        { new EventQuery { Since = new DateTimeOffset(2026, 3, 14, 9, 33, 53, TimeSpan.Zero), KindPattern = "gate.>" }, "10" },
        { new EventQuery { Since = Start.AddMinutes(2), Until = Start.AddMinutes(4) }, "4 3" },
    };

    [Theory]
    [MemberData(nameof(Queries), DisableDiscoveryEnumeration = true)]
    public void List_Narrowed_GivesThoseInOrder(EventQuery query, string seqs)
    {
        Assert.Equal(seqs, string.Join(' ', _log.Reader.List(query, Ct).Select(stored => stored.Seq)));
        if (query.Limit == 100)
        {
            Assert.Equal(seqs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, _log.Reader.Count(query, Ct));
        }
    }

    [Fact]
    public void Stream_OfMoreThanAPage_GivesAllOnceInEitherOrder()
    {
        _log.Append(Sample.Received(Enumerable.Range(0, 2500).Select(_ => Sample.Connection(_clock, "many"))));
        var query = new EventQuery { Decoy = "many", Limit = 1 };

        var newest = _log.Reader.Stream(query, Ct).Select(stored => stored.Seq).ToList();
        var oldest = _log.Reader.Stream(query with { NewestFirst = false }, Ct).Select(stored => stored.Seq).ToList();

        Assert.Equal(2500, newest.Count);
        Assert.Equal(oldest, Enumerable.Reverse(newest));
        Assert.Equal(Enumerable.Range(11, 2500).Select(i => (long)i), oldest);
    }

    [Fact]
    public void Interruptibly_InALongScan_EndsWithTheToken()
    {
        using var connection = _log.Reader.OpenConnection();
        using var stop = new CancellationTokenSource();

        // Counts without end, but for the interrupt, which comes from within.
        connection.CreateFunction("stop", () =>
        {
            stop.Cancel();
            return 1;
        });
        Assert.Throws<OperationCanceledException>(() => connection.Interruptibly(
            () => connection.Ask<long>("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n WHERE i <> 5 OR stop() IS NULL"), stop.Token));
        Assert.Throws<OperationCanceledException>(() => _log.Reader.Count(new EventQuery(), stop.Token));
    }

    [Theory]
    [InlineData("gate..x")]
    [InlineData("gate.> OR 1")]
    [InlineData("")]
    public void List_NoPattern_IsRefused(string pattern) =>
        Assert.Throws<ArgumentException>(() => _log.Reader.List(new EventQuery { KindPattern = pattern }, Ct));

    [Theory]
    [InlineData(0)]
    [InlineData(EventQuery.LargestPage + 1)]
    public void List_UnboundedPage_IsRefused(int limit) =>
        Assert.Throws<ArgumentException>(() => _log.Reader.List(new EventQuery { Limit = limit }, Ct));

    [Fact]
    public void List_ValuesWithSql_AreOnlyValues() =>
        Assert.Empty(_log.Reader.List(new EventQuery { Session = "x' OR '1'='1" }, Ct));

    [Theory]
    [InlineData("one", null, "events_session")]
    [InlineData(null, "gate.egress.decision", "events_kind")]
    [InlineData("one", "gate.egress.decision", "events_session")]
    [InlineData(null, null, "PRIMARY KEY")]
    public void Page_WalksAnIndex_AndDoesNotSort(string? session, string? kind, string index)
    {
        using var connection = _log.Reader.OpenConnection();
        int[] kinds = kind is null ? [] : [_log.Kinds.Find(kind)!.Value];
        using var page = EventQuerySql.Page(connection, new EventQuery { Session = session, BeforeSeq = 9 }, kinds);
        page.CommandText = "EXPLAIN QUERY PLAN " + page.CommandText;

        using var rows = page.ExecuteReader();
        var plan = new List<string>();
        while (rows.Read())
        {
            plan.Add(rows.GetString(3));
        }

        Assert.Contains(plan, step => step.Contains(index, StringComparison.Ordinal));
        Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _log.Dispose();
        _folder.Dispose();
    }

    private static DateTimeOffset Start => new ManualClock().GetUtcNow();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;
}
