using System.Text;
using Belljar.Protocols.Smtp;

namespace Belljar.Protocols.Tests.Smtp;

public sealed class SmtpAuthenticationTests
{
    private static readonly SmtpServerOptions Submission = new() { HostName = "mx.test", IsSecure = true, RequiresAuthentication = true };
    private static readonly SmtpServerOptions BeforeTls = Submission with { IsSecure = false, OffersStartTls = true };

    [Fact]
    public void Plain_WithInitialResponse_OpensTheWay()
    {
        var peer = Peer();
        Assert.EndsWith("250 AUTH SCRAM-SHA-256 PLAIN\r\n", peer.Say("EHLO c.test"), StringComparison.Ordinal);
        Assert.Equal("530 5.7.0 log in first\r\n", peer.Say("MAIL FROM:<a@b.test>"));
        Assert.Equal("235 2.7.0 logged in\r\n", peer.Say("AUTH PLAIN " + Base64("\0user\0pencil")));
        Assert.Equal("user", peer.Session.Identity);
        Assert.StartsWith("503 5.5.1", peer.Say("AUTH PLAIN " + Base64("\0user\0pencil")), StringComparison.Ordinal);
        Assert.StartsWith("250", peer.Say("MAIL FROM:<a@b.test> AUTH=<> SIZE=3"), StringComparison.Ordinal);
    }

    [Fact]
    public void Plain_WithoutInitialResponse_IsAskedForIt()
    {
        var peer = Peer();
        peer.Say("EHLO c.test");
        Assert.Equal("334 \r\n", peer.Say("auth plain"));
        Assert.StartsWith("235", peer.Say(Base64("\0user\0pencil")), StringComparison.Ordinal);
    }

    [Fact]
    public void Scram_OfTheRfc_InItsEnvelope()
    {
        var peer = Peer();
        peer.Say("EHLO c.test");
        Assert.Equal(
            $"334 {Base64("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")}\r\n",
            peer.Say("AUTH SCRAM-SHA-256 " + Base64("n,,n=user,r=rOprNGfwEbeRWgbNEkqO")));
        Assert.Equal(
            $"334 {Base64("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")}\r\n",
            peer.Say(Base64("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")));
        Assert.Equal("235 2.7.0 logged in\r\n", peer.Say(""));
        Assert.Equal("user", peer.Session.Identity);
    }

    [Theory]
    [InlineData("AUTH PLAIN dXNlcg==")]
    [InlineData("AUTH SCRAM-SHA-256")]
    public void Login_OutsideOfTls_IsRefusedBeforeAnythingIsSaid(string command)
    {
        var peer = new SmtpPeer(BeforeTls, new TestLogin());
        Assert.DoesNotContain("AUTH", peer.Say("EHLO c.test"), StringComparison.Ordinal);
        Assert.Equal("538 5.7.11 a login needs TLS\r\n", peer.Say(command));
        Assert.Equal("530 5.7.0 STARTTLS first\r\n", peer.Say("MAIL FROM:<a@b.test>"));
        peer.Say("STARTTLS");
        peer.Session.TlsStarted();
        Assert.Contains("AUTH SCRAM-SHA-256 PLAIN", peer.Say("EHLO c.test"), StringComparison.Ordinal);
        Assert.StartsWith("235", peer.Say("AUTH PLAIN " + Base64("\0user\0pencil")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AUTH", "504 5.5.4")]
    [InlineData("AUTH CRAM-MD5", "504 5.5.4")]
    [InlineData("AUTH PLAIN ***", "501 5.5.2")]
    [InlineData("AUTH PLAIN =", "535 5.7.8")]
    [InlineData("AUTH PLAIN\r\n*", "501 5.7.0")]
    [InlineData("AUTH PLAIN\r\nMAIL FROM:<a@b.test>", "501 5.5.2")]
    [InlineData("AUTH PLAIN\r\nAAAA AAAA", "501 5.5.2")]
    [InlineData("MAIL FROM:<a@b.test> AUTH=", "530 5.7.0")]
    public void Login_GoneWrong_IsSaidAndOver(string lines, string refusal)
    {
        var peer = Peer();
        peer.Say("EHLO c.test");
        Assert.Contains(refusal, peer.Say(lines), StringComparison.Ordinal);
        Assert.Null(peer.Session.Identity);
        Assert.StartsWith("250", peer.Say("NOOP"), StringComparison.Ordinal);
    }

    [Fact]
    public void Login_BeforeHello_IsOutOfOrder()
    {
        Assert.StartsWith("503 5.5.1", Peer().Say("AUTH PLAIN AAAA"), StringComparison.Ordinal);
        Assert.StartsWith("502 5.5.1", new SmtpPeer().Say("AUTH PLAIN AAAA"), StringComparison.Ordinal);
    }

    [Fact]
    public void Login_AcrossAnOverlongLine_IsGivenUp()
    {
        var peer = Peer();
        peer.Say("EHLO c.test");
        peer.Say("AUTH PLAIN");
        Assert.StartsWith("500 5.5.2", peer.Say(new string('A', 2000)), StringComparison.Ordinal);
        Assert.StartsWith("250", peer.Say("NOOP"), StringComparison.Ordinal);
    }

    [Fact]
    public void ThirdFailure_EndsTheConnection()
    {
        var peer = Peer();
        peer.Say("EHLO c.test");
        var wrong = "AUTH PLAIN " + Base64("\0user\0guess");
        Assert.Equal("535 5.7.8 wrong name or password\r\n", peer.Say(wrong));
        Assert.Equal("535 5.7.8 wrong name or password\r\n", peer.Say("AUTH PLAIN " + Base64("\0nobody\0guess")));
        Assert.Equal("535 5.7.8 wrong name or password, closing\r\n", peer.Say(wrong));
        Assert.True(peer.IsClosed);
    }

    [Fact]
    public void WhoFailedTooOften_IsNotListenedTo()
    {
        var login = new TestLogin { Refusal = SmtpReplies.TooManyFailures };
        var peer = new SmtpPeer(Submission, login);
        peer.Say("EHLO c.test");
        Assert.StartsWith("454 4.7.0", peer.Say("AUTH PLAIN " + Base64("\0user\0pencil")), StringComparison.Ordinal);
        Assert.Equal(0, login.Begun);
    }

    [Fact]
    public void Dialogue_CutAtEveryByte_IsTheSame()
    {
        var bytes = Encoding.ASCII.GetBytes(
            "EHLO c.test\r\nAUTH SCRAM-SHA-256 " + Base64("n,,n=user,r=rOprNGfwEbeRWgbNEkqO") + "\r\n*\r\nAUTH PLAIN\r\n" + Base64("\0user\0pencil")
            + "\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<agent@mx.test>\r\nDATA\r\nhi\r\n.\r\nQUIT\r\n");
        var whole = Run(bytes.Length);
        Assert.Contains("235 2.7.0", whole, StringComparison.Ordinal);
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            Assert.Equal(whole, Run(cut));
        }

        string Run(int cut)
        {
            var peer = Peer();
            peer.Send(bytes.AsSpan(0, cut));
            peer.Send(bytes.AsSpan(cut));
            Assert.Equal("hi\r\n", Assert.Single(peer.Messages).Text);
            return peer.Replies;
        }
    }

    private static SmtpPeer Peer() => new(Submission, new TestLogin());

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
