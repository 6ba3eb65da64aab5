using System.Net;
using Belljar.Contracts.Events;
using Belljar.Mail.Smtp;
using Belljar.Mail.Storage;
using Belljar.Mail.Tests.Authentication;
using Belljar.Mail.Tls;
using Belljar.Mail.Victim;
using Belljar.Protocols.Smtp;
using Belljar.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Mail.Tests.Smtp;

public sealed class SmtpLimitsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly MailHost.Recorded _events = new();
    private readonly List<IDisposable> _made = [];

    public void Dispose()
    {
        Dispose(_made);
        _folder.Dispose();
    }

    [Fact]
    public async Task Rate_OfOnePeer_IsHeldWithTheRightCodes()
    {
        var listener = Listen(new SmtpOptions { MostFromOnePeerPerMinute = 2 });
        var peer = new MemoryConnection(listener);
        await peer.ReadReplyAsync();
        await peer.SayAsync("EHLO client.test");
        Assert.StartsWith("250", await peer.SayAsync("MAIL FROM:<a@b.test>"), StringComparison.Ordinal);
        await peer.SayAsync("RSET");
        Assert.StartsWith("451 4.7.1", await peer.SayAsync("MAIL FROM:<a@b.test>"), StringComparison.Ordinal);

        Assert.StartsWith("421 4.7.0", await new MemoryConnection(listener).ReadReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("220", await new MemoryConnection(listener, "192.0.2.8").ReadReplyAsync(), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.StartsWith("250", await peer.SayAsync("MAIL FROM:<a@b.test>"), StringComparison.Ordinal);
        Assert.Contains(_events.Of(EventKinds.MailRefused), e => EventKinds.MailRefused.Read(e)!.Reply.StartsWith("421 4.7.0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EarlyTalker_IsTurnedAway()
    {
        var peer = new MemoryConnection(Listen(new SmtpOptions { GreetingDelay = TimeSpan.FromSeconds(5) }));
        await peer.SendAsync("EHLO spam.test\r\nMAIL FROM:<a@b.test>\r\n");
        Assert.Equal("554 5.5.1 wait for the greeting, closing\r\n", await peer.ReadReplyAsync());
        await peer.Served;
        Assert.Equal("", await peer.ReadReplyAsync());
    }

    [Fact]
    public async Task PatientPeer_IsGreetedAfterTheDelay()
    {
        var peer = new MemoryConnection(Listen(new SmtpOptions { GreetingDelay = TimeSpan.FromSeconds(5) }));
        var greeting = peer.ReadReplyAsync();
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.False(greeting.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith("220", await greeting, StringComparison.Ordinal);
        Assert.StartsWith("250", await peer.SayAsync("HELO client.test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_ThatDoesNotFitItsMailbox_Gets452AtItsEnd()
    {
        var tiny = new MailboxOptions("tiny", ["tiny@mx.test"], TrustPolicy.None, 1024);
        var peer = new MemoryConnection(Listen(new SmtpOptions(), tiny));
        await peer.ReadReplyAsync();
        await peer.SayAsync("EHLO client.test");
        await peer.SayAsync("MAIL FROM:<a@b.test>");
        Assert.StartsWith("250", await peer.SayAsync("RCPT TO:<tiny@mx.test>"), StringComparison.Ordinal);
        await peer.SayAsync("DATA");
        Assert.StartsWith("452 4.2.2", await peer.SayAsync($"Subject: big\r\n\r\n{new string('x', 900)}\r\n{new string('y', 900)}\r\n."), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["inbox/tiny"], "*.md"));
    }

    [Fact]
    public async Task Rate_OfOneSender_IsHeldWhereverItComesFrom()
    {
        var listener = Listen(new SmtpOptions { MostFromOneSenderPerHour = 2 });
        Assert.StartsWith("250", await MailAsync(listener, "192.0.2.1", "a@b.test"), StringComparison.Ordinal);
        Assert.StartsWith("250", await MailAsync(listener, "192.0.2.2", "A@B.test"), StringComparison.Ordinal);
        Assert.Equal("452 4.7.1 too much mail from this sender, try again later\r\n", await MailAsync(listener, "192.0.2.3", "a@b.test"));
        Assert.StartsWith("250", await MailAsync(listener, "192.0.2.3", "c@b.test"), StringComparison.Ordinal);
        Assert.StartsWith("250", await MailAsync(listener, "192.0.2.3", ""), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromMinutes(30));
        Assert.StartsWith("250", await MailAsync(listener, "192.0.2.3", "a@b.test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Greylist_LetsAStrangerWaitOnce_AlsoAcrossARestart()
    {
        var listener = Listen(new SmtpOptions { Greylist = TimeSpan.FromMinutes(5) });
        Assert.Equal("451 4.7.1 not seen before, try again in a few minutes\r\n", await RcptAsync(listener, "192.0.2.7", "a@b.test", "agent@mx.test"));
        Assert.StartsWith("550 5.1.1", await RcptAsync(listener, "192.0.2.7", "a@b.test", "nobody@mx.test"), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromMinutes(4));
        Assert.StartsWith("451", await RcptAsync(listener, "192.0.2.7", "a@b.test", "agent@mx.test"), StringComparison.Ordinal);
        Dispose(_made);

        listener = Listen(new SmtpOptions { Greylist = TimeSpan.FromMinutes(5) });
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.StartsWith("250", await RcptAsync(listener, "192.0.2.99", "a@b.test", "AGENT@mx.test"), StringComparison.Ordinal);
        Assert.StartsWith("451", await RcptAsync(listener, "192.0.3.99", "a@b.test", "agent@mx.test"), StringComparison.Ordinal);
        Assert.StartsWith("451", await RcptAsync(listener, "192.0.2.7", "other@b.test", "agent@mx.test"), StringComparison.Ordinal);
        Assert.StartsWith("250", await RcptAsync(listener, "127.0.0.1", "other@b.test", "agent@mx.test"), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromDays(35));
        Assert.StartsWith("250", await RcptAsync(listener, "192.0.2.7", "a@b.test", "agent@mx.test"), StringComparison.Ordinal);
        Assert.StartsWith("451", await RcptAsync(listener, "192.0.2.7", "other@b.test", "agent@mx.test"), StringComparison.Ordinal);
    }

    [Fact]
    public void Greylist_IsBounded_AndItsFileMayBeAnything()
    {
        File.WriteAllText(_folder["grey"], "nonsense\n\0\n00 1 2 3\nffffffffffffffffffffffffffffffffff 1 1 1\n");
        var agent = new SmtpAddress("agent", "mx.test");
        using var list = new Greylist(TimeSpan.FromMinutes(5), _folder["grey"], _clock, NullLogger.Instance, most: 100);
        list.Lets(IPAddress.Parse("192.0.2.1"), new SmtpAddress("known", "b.test"), agent);
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.True(list.Lets(IPAddress.Parse("192.0.2.1"), new SmtpAddress("known", "b.test"), agent));
        for (var i = 0; i < 1000; i++)
        {
            Assert.False(list.Lets(IPAddress.Parse("2001:db8::1"), new SmtpAddress($"flood{i}", "b.test"), agent));
        }

        Assert.True(list.Lets(IPAddress.Parse("192.0.2.1"), new SmtpAddress("known", "b.test"), agent));
        list.Dispose();
        Assert.InRange(File.ReadAllLines(_folder["grey"]).Length, 1, 100);
    }

    [Theory]
    [InlineData("192.0.2.7", "7.2.0.192.list.test", "127.0.0.2", true)]
    [InlineData("192.0.2.7", "7.2.0.192.list.test", "127.255.255.254", false)] // The list refuses to answer us.
    [InlineData("192.0.2.7", "7.2.0.192.list.test", "198.51.100.1", false)] // A domain that somebody sells.
    [InlineData("192.0.2.8", "7.2.0.192.list.test", "127.0.0.2", false)]
    [InlineData("2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.list.test", "127.0.0.4", true)]
    [InlineData("127.0.0.1", "1.0.0.127.list.test", "127.0.0.2", false)]
    public async Task BlockList_TurnsAwayWhoIsOnIt(string peer, string name, string answer, bool isTurnedAway)
    {
        var listener = Listen(new SmtpOptions(), new BlockLists(["other.test", "list.test"], new ZoneResolver().Add(name, "A", answer), _clock));
        var connection = new MemoryConnection(listener, peer);
        Assert.StartsWith(isTurnedAway ? "554 5.7.1 your address is on a block list" : "220", await connection.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Equal(isTurnedAway ? 1 : 0, _events.Of(EventKinds.MailRefused).Count);
    }

    [Fact]
    public async Task BlockList_ThatDoesNotAnswer_TurnsNobodyAway()
    {
        var dns = new SilentResolver();
        var connection = new MemoryConnection(Listen(new SmtpOptions(), new BlockLists(["list.test"], dns, _clock)));
        await dns.Asked;
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.StartsWith("220", await connection.ReadReplyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_OfOneIPv6Network_AreCountedTogether()
    {
        var listener = Listen(new SmtpOptions { MostConnectionsOfOnePeer = 1 });
        Assert.StartsWith("220", await new MemoryConnection(listener, "2001:db8:1:1::1").ReadReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("421 4.7.0", await new MemoryConnection(listener, "2001:db8:1:1:ffff::2").ReadReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("220", await new MemoryConnection(listener, "2001:db8:1:2::1").ReadReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("220", await new MemoryConnection(listener, "192.0.2.1").ReadReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("421 4.7.0", await new MemoryConnection(listener, "::ffff:192.0.2.1").ReadReplyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peer_ThatNeverShakesHands_IsSentAway()
    {
        var listener = Listen(new SmtpOptions { Idle = TimeSpan.FromSeconds(30) });
        var peer = new MemoryConnection(listener, service: SmtpService.SubmissionOverTls);
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(peer.Served.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await peer.Served;
        Assert.Equal(0, listener.Connections);
    }

    /// <summary>The limits of one message and one line, with the codes that a sender acts on.</summary>
    [Fact]
    public async Task Sizes_Recipients_LinesAndIdleTalk_GetTheRightCodes()
    {
        var peer = new MemoryConnection(Listen(new SmtpOptions { LargestMessage = 1000, MostRecipients = 2 }));
        await peer.ReadReplyAsync();
        await peer.SayAsync("EHLO client.test");
        Assert.StartsWith("552 5.3.4", await peer.SayAsync("MAIL FROM:<a@b.test> SIZE=1001"), StringComparison.Ordinal);
        Assert.StartsWith("500 5.5.2", await peer.SayAsync("NOOP " + new string('x', 994)), StringComparison.Ordinal);
        Assert.StartsWith("250", await peer.SayAsync("NOOP " + new string('x', 993)), StringComparison.Ordinal);
        await peer.SayAsync("MAIL FROM:<a@b.test>");
        Assert.StartsWith("250", await peer.SayAsync("RCPT TO:<agent@mx.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await peer.SayAsync("RCPT TO:<second@mx.test>"), StringComparison.Ordinal);
        Assert.StartsWith("452 4.5.3", await peer.SayAsync("RCPT TO:<x@rest.test>"), StringComparison.Ordinal);
        await peer.SayAsync("DATA");
        Assert.StartsWith("552 5.3.4", await peer.SayAsync($"Subject: x\r\n\r\n{new string('x', 996)}\r\n."), StringComparison.Ordinal);
        var last = "";
        for (var i = 0; i < 101 && !last.StartsWith("421", StringComparison.Ordinal); i++)
        {
            last = await peer.SayAsync("NOOP");
        }

        Assert.StartsWith("421 4.7.0 too many commands", last, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["inbox"], "*.md", SearchOption.AllDirectories));
    }

    private static async Task<string> MailAsync(SmtpListener listener, string remote, string sender)
    {
        var peer = new MemoryConnection(listener, remote);
        await peer.ReadReplyAsync();
        await peer.SayAsync("EHLO client.test");
        var reply = await peer.SayAsync($"MAIL FROM:<{sender}>");
        peer.Finish();
        await peer.Served;
        return reply;
    }

    private static async Task<string> RcptAsync(SmtpListener listener, string remote, string sender, string recipient)
    {
        var peer = new MemoryConnection(listener, remote);
        await peer.ReadReplyAsync();
        await peer.SayAsync("EHLO client.test");
        await peer.SayAsync($"MAIL FROM:<{sender}>");
        var reply = await peer.SayAsync($"RCPT TO:<{recipient}>");
        peer.Finish();
        await peer.Served;
        return reply;
    }

    private static void Dispose(List<IDisposable> made)
    {
        made.ForEach(one => one.Dispose());
        made.Clear();
    }

    private SmtpListener Listen(SmtpOptions smtp, params MailboxOptions[] more) => Listen(smtp, null, more);

    private SmtpListener Listen(SmtpOptions smtp, BlockLists? lists, params MailboxOptions[] more)
    {
        var options = TestMail.Options with { Smtp = smtp, Mailboxes = [.. TestMail.Options.Mailboxes, .. more] };
        var store = TestMail.OpenStore(_folder.Path, _clock, options);
        var listener = new SmtpListener(options, store, new MailEvents(_events, _clock), _clock, NullLogger<SmtpListener>.Instance)
        {
            BlockLists = lists,
            Tls = TlsIdentity.Open(null, _folder["tls"], "mx.test", _clock, NullLogger<TlsIdentity>.Instance),
        };
        _made.AddRange([listener, store]);
        return listener;
    }
}
