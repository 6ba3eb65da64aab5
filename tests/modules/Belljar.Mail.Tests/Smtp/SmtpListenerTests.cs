using Belljar.Contracts.Events;
using Belljar.Mail.Smtp;
using Belljar.Mail.Storage;
using Belljar.Mail.Victim;
using Belljar.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Mail.Tests.Smtp;

public sealed class SmtpListenerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly MailHost.Recorded _events = new();
    private readonly MailStore _store;
    private readonly SmtpListener _listener;

    public SmtpListenerTests()
    {
        var options = TestMail.Options with
        {
            Smtp = new SmtpOptions { MostConnections = 3, MostConnectionsOfOnePeer = 2, LargestMessage = 2_000_000 },
            Mailboxes = [.. TestMail.Options.Mailboxes, new MailboxOptions("tiny", ["tiny@mx.test"], TrustPolicy.None, 1024)],
        };
        _store = TestMail.OpenStore(_folder.Path, _clock, options);
        _listener = new SmtpListener(options, _store, new MailEvents(_events, _clock), _clock, NullLogger<SmtpListener>.Instance);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Message_Accepted_IsStoredAndReported()
    {
        var peer = await InTransactionAsync("agent@mx.test", "agent+x@mx.test", "second@mx.test");
        Assert.StartsWith("354", await peer.SayAsync("DATA"), StringComparison.Ordinal);
        Assert.Equal("250 2.0.0 message stored\r\n", await peer.SayAsync("From: A <a@b.test>\r\nSubject: hi\r\nMessage-ID: <1@b.test>\r\n\r\ntext\r\n."));
        Assert.StartsWith("221", await peer.SayAsync("QUIT"), StringComparison.Ordinal);
        await peer.Served;

        var reader = TestMail.Reader(_folder.Path);
        var message = Assert.Single(reader.List("agent"));
        Assert.Single(reader.List("second"));
        var shown = reader.Show("agent", message.Id)!;
        Assert.Equal("agent@mx.test, agent+x@mx.test", shown.Frontmatter.GetString("delivered_to"));
        Assert.Equal("192.0.2.7", shown.Frontmatter.GetString("received_from_ip"));
        Assert.Contains("with ESMTP id", await File.ReadAllTextAsync(shown.RawPath!), StringComparison.Ordinal);
        var received = _events.Of(EventKinds.MailReceived);
        Assert.Equal(["agent", "second"], received.Select(e => e.Mailbox));
        Assert.Equal(
            new MailReceived(message.Id, "1@b.test", "A <a@b.test>", "hi", "sender@example.org", "192.0.2.7", 65, "none"),
            EventKinds.MailReceived.Read(received[0]));
        Assert.Equal((2, 0), (_listener.Events.Received, _listener.Events.Refused));
    }

    /// <summary>Normalising this one character throws; it stands in an address, a subject and a file's name.</summary>
    [Fact]
    public async Task NonCharacter_Anywhere_IsNoReasonNotToStore()
    {
        var peer = new MemoryConnection(_listener);
        await peer.ReadReplyAsync();
        await peer.SayAsync("EHLO client.test");
        await peer.SayAsync("MAIL FROM:<\uFFFE@example.org> SMTPUTF8");
        Assert.StartsWith("550 5.1.1", await peer.SayAsync("RCPT TO:<\uFFFE@mx.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await peer.SayAsync("RCPT TO:<agent+\uFFFE@mx.test>"), StringComparison.Ordinal);
        await peer.SayAsync("DATA");
        const string part = "Content-Disposition: attachment; filename=\"\uFFFE\"\r\n\r\nx";
        Assert.StartsWith(
            "250", await peer.SayAsync($"From: \uFFFE <a@b.test>\r\nSubject: \uFFFE\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{part}\r\n--b--\r\n."), StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(TestMail.Reader(_folder.Path).List("agent")).Attachments);
    }

    [Fact]
    public async Task Refusals_AreReported()
    {
        var peer = await InTransactionAsync("agent@mx.test");
        Assert.StartsWith("550 5.1.1", await peer.SayAsync("RCPT TO:<nobody@mx.test>"), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.1", await peer.SayAsync("RCPT TO:<a@elsewhere.test>"), StringComparison.Ordinal);
        await peer.SayAsync("RSET");
        await peer.SayAsync("MAIL FROM:<> SIZE=2000");
        Assert.StartsWith("452 4.2.2", await peer.SayAsync("RCPT TO:<tiny@mx.test>"), StringComparison.Ordinal);
        await peer.SayAsync("RCPT TO:<agent@mx.test>");
        await peer.SayAsync("DATA");
        Assert.StartsWith("554 5.6.0", await peer.SayAsync("bare\nline feed"), StringComparison.Ordinal);
        Assert.Equal(
            [
                new MailRefused("192.0.2.7", "sender@example.org", "nobody@mx.test", "550 5.1.1 no such mailbox here"),
                new MailRefused("192.0.2.7", "sender@example.org", "a@elsewhere.test", "550 5.7.1 this domain is not served here, and nothing is relayed"),
                new MailRefused("192.0.2.7", "", "tiny@mx.test", "452 4.2.2 mailbox is full"),
                new MailRefused("192.0.2.7", "", null, "554 5.6.0 CR or LF on its own in the message, closing"),
            ],
            _events.Of(EventKinds.MailRefused).Select(EventKinds.MailRefused.Read));
    }

    [Fact]
    public async Task Message_ThatCannotBeStored_Gets451AndTheNextIsFine()
    {
        Directory.Delete(_folder["inbox/second/raw"]);
        var peer = await InTransactionAsync("agent@mx.test", "second@mx.test");
        await peer.SayAsync("DATA");
        Assert.StartsWith("451 4.3.0", await peer.SayAsync("Subject: x\r\n\r\n."), StringComparison.Ordinal);
        Assert.Empty(TestMail.Reader(_folder.Path).List("agent"));
        Assert.Empty(_events.Of(EventKinds.MailReceived));
        Directory.CreateDirectory(_folder["inbox/second/raw"]);
        await peer.SayAsync("MAIL FROM:<>");
        await peer.SayAsync("RCPT TO:<second@mx.test>");
        await peer.SayAsync("DATA");
        Assert.StartsWith("250 2.0.0", await peer.SayAsync("Subject: x\r\n\r\n."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_LargerThanMemoryHolds_IsStoredWhole()
    {
        var peer = await InTransactionAsync("agent@mx.test");
        await peer.SayAsync("DATA");
        var line = new string('x', 998) + "\r\n";
        await peer.SendAsync("Subject: large\r\n\r\n" + string.Concat(Enumerable.Repeat(line, 1500)));
        Assert.StartsWith("250 2.0.0", await peer.SayAsync("."), StringComparison.Ordinal);
        var shown = TestMail.Reader(_folder.Path).Show("agent", TestMail.Reader(_folder.Path).List("agent")[0].Id)!;
        Assert.Equal(1_500_018, shown.Frontmatter.GetInteger("size_bytes"));
        Assert.Equal(1500 * 999, shown.Body.Length);
    }

    [Fact]
    public async Task Peer_ThatSaysNothing_IsSentAwayAfterTheIdleTime()
    {
        var peer = new MemoryConnection(_listener);
        await peer.ReadReplyAsync();
        _clock.Advance(TimeSpan.FromSeconds(299));
        Assert.StartsWith("250", await peer.SayAsync("NOOP"), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(299));
        Assert.False(peer.Served.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith("421 4.4.2 nothing heard", await peer.ReadReplyAsync(), StringComparison.Ordinal);
        peer.Finish();
        await peer.Served;
    }

    [Fact]
    public async Task Peer_ThatNeverFinishes_IsSentAwayAfterTheTotalTime()
    {
        var peer = await InTransactionAsync("agent@mx.test");
        for (var i = 0; i < 6; i++)
        {
            Assert.StartsWith("250", await peer.SayAsync("NOOP"), StringComparison.Ordinal);
            _clock.Advance(TimeSpan.FromSeconds(100));
        }

        Assert.StartsWith("421 4.4.2 this connection took too long", await peer.ReadReplyAsync(), StringComparison.Ordinal);
        peer.Finish();
        await peer.Served;
        Assert.Empty(TestMail.Reader(_folder.Path).List("agent"));
    }

    [Fact]
    public async Task Peer_ThatDoesNotGo_IsCutOff()
    {
        var peer = new MemoryConnection(_listener);
        await peer.ReadReplyAsync();
        _clock.Advance(TimeSpan.FromSeconds(300));
        Assert.StartsWith("421", await peer.ReadReplyAsync(), StringComparison.Ordinal);
        _clock.Advance(ConnectionDeadlines.Grace + TimeSpan.FromSeconds(1));
        await peer.Served;
        Assert.True(peer.WasAborted);
    }

    [Fact]
    public async Task Refusal_WhileThePeerStillSends_ReachesIt()
    {
        var peer = await InTransactionAsync("agent@mx.test");
        await peer.SayAsync("DATA");
        await peer.SendAsync("bare\nline\r\n");
        await peer.SendAsync("QUIT\r\nMAIL FROM:<x@y.test>\r\n");
        Assert.StartsWith("554 5.6.0", await peer.ReadReplyAsync(), StringComparison.Ordinal);
        await peer.SendAsync("more\r\n");
        peer.Finish();
        await peer.Served;
        Assert.Empty(await peer.ReadReplyAsync());
    }

    [Fact]
    public async Task Stopping_EndsIdlePeersWith421()
    {
        var peer = new MemoryConnection(_listener);
        await peer.ReadReplyAsync();
        peer.RequestClose();
        Assert.StartsWith("421 4.3.2", await peer.ReadReplyAsync(), StringComparison.Ordinal);
        peer.Finish();
        await peer.Served;
    }

    [Fact]
    public async Task Connections_BeyondTheLimits_Get421()
    {
        var first = new MemoryConnection(_listener);
        var second = new MemoryConnection(_listener);
        Assert.StartsWith("220", await first.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("220", await second.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("421 4.7.0", await new MemoryConnection(_listener).ReadReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("220", await new MemoryConnection(_listener, "192.0.2.8").ReadReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("421 4.7.0", await new MemoryConnection(_listener, "192.0.2.9").ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Equal(3, _listener.Connections);
        first.Finish();
        await first.Served;
        Assert.StartsWith("220", await new MemoryConnection(_listener, "192.0.2.9").ReadReplyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipelining_WholeDialogueAtOnce_IsAnsweredInOrder()
    {
        var peer = new MemoryConnection(_listener);
        await peer.SendAsync(
            "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<agent@mx.test>\r\nBDAT 17 LAST\r\nSubject: one\r\n\r\nx"
            + "MAIL FROM:<>\r\nRCPT TO:<nobody@mx.test>\r\nRCPT TO:<agent@mx.test>\r\nDATA\r\nSubject: two\r\n\r\n.\r\nQUIT\r\n");
        var codes = new List<string>();
        for (var reply = await peer.ReadReplyAsync(); reply.Length > 0; reply = await peer.ReadReplyAsync())
        {
            codes.Add(reply[..3]);
        }

        Assert.Equal(["220", "250", "250", "250", "250", "250", "550", "250", "354", "250", "221"], codes);
        Assert.Equal(["one", "two"], TestMail.Reader(_folder.Path).List("agent").Select(message => message.Subject).Order(StringComparer.Ordinal));
    }

    private async Task<MemoryConnection> InTransactionAsync(params string[] recipients)
    {
        var peer = new MemoryConnection(_listener);
        await peer.ReadReplyAsync();
        await peer.SayAsync("EHLO client.test");
        await peer.SayAsync("MAIL FROM:<sender@example.org>");
        foreach (var recipient in recipients)
        {
            Assert.StartsWith("250", await peer.SayAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
        }

        return peer;
    }
}
