using Belljar.Contracts.Events;
using Belljar.Mail.Smtp;
using Belljar.Mail.Storage;
using Belljar.Mail.Victim;
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
        _made.ForEach(made => made.Dispose());
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

    private SmtpListener Listen(SmtpOptions smtp, params MailboxOptions[] more)
    {
        var options = TestMail.Options with { Smtp = smtp, Mailboxes = [.. TestMail.Options.Mailboxes, .. more] };
        var store = TestMail.OpenStore(_folder.Path, _clock, options);
        var listener = new SmtpListener(options, store, new MailEvents(_events, _clock), _clock, NullLogger<SmtpListener>.Instance);
        _made.AddRange([listener, store]);
        return listener;
    }
}
