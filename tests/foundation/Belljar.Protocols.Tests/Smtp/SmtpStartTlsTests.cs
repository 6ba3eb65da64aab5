using System.Text;
using Belljar.Protocols.Smtp;

namespace Belljar.Protocols.Tests.Smtp;

public sealed class SmtpStartTlsTests
{
    private static readonly SmtpServerOptions Offering = new() { HostName = "mx.test", OffersStartTls = true };

    [Fact]
    public void StartTls_IsAnnouncedUntilItIsInUse()
    {
        var peer = new SmtpPeer(Offering);
        Assert.Contains("STARTTLS\r\n", peer.Say("EHLO client.test"), StringComparison.Ordinal);
        Assert.Equal("220 2.0.0 ready to start TLS\r\n", peer.Say("STARTTLS"));
        peer.Session.TlsStarted();
        Assert.True(peer.Session.IsSecure);
        Assert.DoesNotContain("STARTTLS", peer.Say("EHLO client.test"), StringComparison.Ordinal);
        Assert.StartsWith("503 5.5.1", peer.Say("STARTTLS"), StringComparison.Ordinal);
    }

    [Fact]
    public void StartTls_NotOffered_Gets502AndIsNotAnnounced()
    {
        var peer = new SmtpPeer();
        Assert.DoesNotContain("STARTTLS", peer.Say("EHLO client.test"), StringComparison.Ordinal);
        Assert.StartsWith("502 5.5.1", peer.Say("STARTTLS"), StringComparison.Ordinal);
    }

    [Fact]
    public void StartTls_ForgetsAllThatWasSaidBefore()
    {
        var peer = new SmtpPeer(Offering);
        peer.Send("EHLO injected.test\r\nSTARTTLS\r\n");
        peer.Session.TlsStarted();
        Assert.Null(peer.Session.HelloName);
        Assert.StartsWith("503 5.5.1", peer.Say("MAIL FROM:<a@b.test>"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("STARTTLS now", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test>\r\nSTARTTLS", "503 5.5.1")]
    public void StartTls_OutOfPlace_IsRefused(string lines, string refusal)
    {
        var peer = new SmtpPeer(Offering);
        peer.Say("EHLO client.test");
        Assert.Contains(refusal, peer.Say(lines), StringComparison.Ordinal);
        Assert.StartsWith("250", peer.Say("NOOP"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RSET\r\n")]
    [InlineData("EHLO evil.test\r\nMAIL FROM:<evil@evil.test>\r\nRCPT TO:<agent@mx.test>\r\nDATA\r\n")]
    [InlineData("R")]
    [InlineData("\r\n")]
    public void Pipelined_AfterStartTls_IsAnErrorAndNobodyShakesHands(string smuggled)
    {
        var peer = new SmtpPeer(Offering);
        peer.Say("EHLO client.test");
        Assert.Equal("554 5.5.1 nothing may follow STARTTLS before TLS, closing\r\n", peer.Send("STARTTLS\r\n" + smuggled));
        Assert.True(peer.IsClosed);
        Assert.Empty(peer.Messages);
        Assert.Throws<InvalidOperationException>(peer.Session.TlsStarted);
    }

    [Fact]
    public void Input_BetweenReplyAndHandshake_IsAnErrorToo()
    {
        var peer = new SmtpPeer(Offering);
        peer.Say("EHLO client.test");
        peer.Say("STARTTLS");
        Assert.StartsWith("554 5.5.1", peer.Say("NOOP"), StringComparison.Ordinal);
        Assert.True(peer.IsClosed);
    }

    [Fact]
    public void Dialogue_CutAtEveryByte_IsTheSame()
    {
        var before = Encoding.ASCII.GetBytes("EHLO client.test\r\nNOOP\r\nSTARTTLS\r\n");
        var after = Encoding.ASCII.GetBytes("EHLO client.test\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<agent@mx.test>\r\nDATA\r\nhi\r\n.\r\n");
        var whole = Run(before.Length, after.Length);
        for (var i = 0; i < before.Length; i++)
        {
            Assert.Equal(whole, Run(i, after.Length));
        }

        for (var i = 0; i < after.Length; i++)
        {
            Assert.Equal(whole, Run(before.Length, i));
        }

        string Run(int cutBefore, int cutAfter)
        {
            var peer = new SmtpPeer(Offering);
            peer.Send(before.AsSpan(0, cutBefore));
            peer.Send(before.AsSpan(cutBefore));
            peer.Session.TlsStarted();
            peer.Send(after.AsSpan(0, cutAfter));
            peer.Send(after.AsSpan(cutAfter));
            Assert.Equal("hi\r\n", Assert.Single(peer.Messages).Text);
            return peer.Replies;
        }
    }

    [Theory]
    [MemberData(nameof(SmtpStrictnessTests.Smuggling), MemberType = typeof(SmtpStrictnessTests))]
    public void Smuggling_InsideTls_CutAtEveryByte_IsRefusedAndNothingIsACommand(string end)
    {
        var bytes = Encoding.Latin1.GetBytes(
            "EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<agent@mx.test>\r\nDATA\r\nhello" + end + "MAIL FROM:<evil@x.test>\r\nRCPT TO:<agent@mx.test>\r\nDATA\r\nforged\r\n.\r\nQUIT\r\n");
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var peer = new SmtpPeer(Offering);
            peer.Send("EHLO c\r\nSTARTTLS\r\n");
            peer.Session.TlsStarted();
            peer.Send(bytes.AsSpan(0, cut));
            peer.Send(bytes.AsSpan(cut));
            Assert.EndsWith("554 5.6.0 CR or LF on its own in the message, closing\r\n", peer.Replies, StringComparison.Ordinal);
            Assert.True(peer.IsClosed);
            Assert.Empty(peer.Messages);
        }
    }

    [Fact]
    public void Mail_OfAPeerThatIsHeldBack_GetsTheRefusalAndBeginsNothing()
    {
        var peer = new SmtpPeer();
        peer.Say("EHLO client.test");
        Assert.StartsWith("451 4.7.1", peer.Say("MAIL FROM:<flood@b.test>"), StringComparison.Ordinal);
        Assert.StartsWith("503", peer.Say("RCPT TO:<agent@mx.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250", peer.Say("MAIL FROM:<a@b.test>"), StringComparison.Ordinal);
    }
}
