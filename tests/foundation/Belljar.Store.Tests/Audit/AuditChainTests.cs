using Belljar.Store.Audit;
using Belljar.Store.Events;
using Belljar.Testing;
using Microsoft.Data.Sqlite;

namespace Belljar.Store.Tests.Audit;

/// <summary>What somebody who can write the file might do, done with plain SQL while the recorder is away.</summary>
public sealed class AuditChainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    [Fact]
    public void Verify_OfAnUntouchedLog_HoldsAndGivesTheHead()
    {
        AuditHead head;
        using (var log = Sample.Log(_folder, _clock, events: 30))
        {
            head = log.Head;
        }

        var verdict = Verify(head);

        Assert.Equal((AuditBreak.None, 10L, head), (verdict.Break, verdict.Links, verdict.Head));
        Assert.Equal(10, head.Count);
    }

    [Fact]
    public void Verify_OfAnEmptyLog_Holds()
    {
        using (Sample.Log(_folder, _clock))
        {
        }

        Assert.True(Verify().IsIntact);
    }

    /// <summary>Ten audit events at 1, 4, 7 … 28; the attack; what is found; the link; the event.</summary>
    [Theory]
    [InlineData("UPDATE events SET data = replace(data, 'allow', 'deny') WHERE seq = 7", AuditBreak.Changed, 3, 7)]
    [InlineData("UPDATE events SET time = time + 1 WHERE seq = 7", AuditBreak.Changed, 3, 7)]
    [InlineData("UPDATE events SET sender_uid = 0 WHERE seq = 7", AuditBreak.Changed, 3, 7)]
    [InlineData("UPDATE events SET sender_pid = 1 WHERE seq = 7", AuditBreak.Changed, 3, 7)]
    [InlineData("UPDATE events SET host = 'other' WHERE seq = 7", AuditBreak.Changed, 3, 7)]
    [InlineData("UPDATE events SET session = NULL WHERE seq = 7", AuditBreak.Changed, 3, 7)]
    [InlineData("UPDATE events SET attacker = session, session = NULL WHERE seq = 7", AuditBreak.Changed, 3, 7)]
    [InlineData("UPDATE events SET severity = 3 WHERE seq = 7", AuditBreak.Changed, 3, 7)]
    [InlineData("UPDATE events SET id = randomblob(16) WHERE seq = 7", AuditBreak.Changed, 3, 7)]
    [InlineData("UPDATE events SET id = x'00' WHERE seq = 7", AuditBreak.Changed, 3, 7)]
    [InlineData("UPDATE events SET data = '{' WHERE seq = 7", AuditBreak.Changed, 3, 7)]
    [InlineData("UPDATE events SET kind = (SELECT kind FROM events WHERE seq = 2) WHERE seq = 7", AuditBreak.Changed, 3, 7)]
    [InlineData("UPDATE kinds SET name = 'gate.egress.forgotten' WHERE name = 'gate.egress.decision'", AuditBreak.Changed, 1, 1)]
    [InlineData("UPDATE audit SET hash = randomblob(32) WHERE position = 3", AuditBreak.Changed, 3, 7)]
    [InlineData("UPDATE audit SET id = randomblob(16) WHERE position = 3", AuditBreak.Changed, 3, 7)]
    [InlineData("DELETE FROM events WHERE seq = 7", AuditBreak.EventMissing, 3, 7)]
    [InlineData("DELETE FROM audit WHERE position = 3", AuditBreak.LinkMissing, 0, 7)]
    [InlineData("DELETE FROM audit WHERE position = 3; DELETE FROM events WHERE seq = 7", AuditBreak.LinksRemoved, 3, 0)]
    [InlineData("DELETE FROM audit WHERE position = 1; DELETE FROM events WHERE seq = 1", AuditBreak.LinksRemoved, 1, 0)]
    [InlineData("DELETE FROM audit", AuditBreak.LinkMissing, 0, 1)]
    [InlineData(Renumber, AuditBreak.Changed, 3, 10)]
    [InlineData(SwapEvents, AuditBreak.Changed, 3, 7)]
    [InlineData(SwapLinks, AuditBreak.LinkMissing, 0, 7)]
    [InlineData(Forge, AuditBreak.LinkMissing, 0, 31)]
    [InlineData(Forge + ";" + ForgeLink, AuditBreak.Changed, 11, 31)]
    [InlineData("INSERT INTO audit_checkpoints VALUES (5, 13, randomblob(32), 0)", AuditBreak.Reordered, 1, 1)]
    [InlineData("INSERT INTO audit_checkpoints VALUES (5, 13, randomblob(32), 0);" + DeleteFirstFive, AuditBreak.Changed, 6, 16)]
    public void Verify_AfterAnAttack_FindsTheFirstBrokenLink(string attack, AuditBreak what, long position, long seq)
    {
        using (Sample.Log(_folder, _clock, events: 30))
        {
        }

        Attack(attack);

        var verdict = Verify();
        Assert.Equal((what, position, seq), (verdict.Break, verdict.Position, verdict.Seq));
        Assert.NotEmpty(verdict.Meaning);
    }

    [Fact]
    public void Verify_EndCutOff_ShowsOnlyAgainstAHead()
    {
        AuditHead head;
        using (var log = Sample.Log(_folder, _clock, events: 30))
        {
            head = log.Head;
        }

        Attack("DELETE FROM audit WHERE position > 8; DELETE FROM events WHERE seq > 22");

        Assert.True(Verify().IsIntact);
        Assert.Equal((AuditBreak.Truncated, 9L), (Verify(head).Break, Verify(head).Position));
    }

    [Fact]
    public void Verify_ChainWrittenAnew_ShowsAgainstAHead()
    {
        AuditHead head;
        using (var log = Sample.Log(_folder, _clock, events: 30))
        {
            head = log.Head;
        }

        // Somebody with this very program at hand: a whole new log with as many events.
        File.Delete(_folder["events.db"]);
        using (Sample.Log(_folder, _clock, events: 33))
        {
        }

        Assert.True(Verify().IsIntact);
        Assert.Equal((AuditBreak.Rewritten, 10L), (Verify(head).Break, Verify(head).Position));
    }

    [Fact]
    public void Append_AfterReopening_ContinuesTheChain()
    {
        using (Sample.Log(_folder, _clock, events: 4))
        {
        }

        using (Sample.Log(_folder, _clock, events: 4))
        {
        }

        Assert.Equal((true, 4L), (Verify().IsIntact, Verify().Links));
    }

    [Theory]
    [InlineData("10:", false)]
    [InlineData("x:0000000000000000000000000000000000000000000000000000000000000000", false)]
    [InlineData("-1:0000000000000000000000000000000000000000000000000000000000000000", false)]
    [InlineData("10:00000000000000000000000000000000000000000000000000000000000000zz", false)]
    [InlineData("10:000000000000000000000000000000000000000000000000000000000000ABCD", true)]
    public void TryParse_Head(string text, bool valid)
    {
        Assert.Equal(valid, AuditHead.TryParse(text, out var head));
        Assert.Equal(valid, string.Equals(head.ToString(), text, StringComparison.OrdinalIgnoreCase));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private const string Renumber = """
        DELETE FROM audit WHERE position = 3; DELETE FROM events WHERE seq = 7;
        UPDATE audit SET position = -position WHERE position > 3; UPDATE audit SET position = -position - 1 WHERE position < 0
        """;

    private const string SwapEvents = """
        UPDATE events SET seq = -1 WHERE seq = 7; UPDATE events SET seq = 7 WHERE seq = 10; UPDATE events SET seq = 10 WHERE seq = -1
        """;

    private const string SwapLinks = """
        UPDATE audit SET position = -1 WHERE position = 3; UPDATE audit SET position = 3 WHERE position = 4;
        UPDATE audit SET position = 4 WHERE position = -1
        """;

    private const string Forge = """
        INSERT INTO events SELECT 31, randomblob(16), time, kind, severity, host, session, attacker, decoy, mailbox,
        sender_uid, sender_pid, data FROM events WHERE seq = 28
        """;

    private const string ForgeLink = "INSERT INTO audit SELECT 11, 31, id, randomblob(32) FROM events WHERE seq = 31";

    private const string DeleteFirstFive = "DELETE FROM audit WHERE position <= 5; DELETE FROM events WHERE seq <= 13";

    private void Attack(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder["events.db"]};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private AuditVerdict Verify(AuditHead? known = null)
    {
        using var reader = EventReader.Open(_folder["events.db"]);
        return AuditChain.Verify(reader, known, TestContext.Current.CancellationToken);
    }
}
