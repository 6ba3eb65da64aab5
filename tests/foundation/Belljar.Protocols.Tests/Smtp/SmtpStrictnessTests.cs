using System.Text;
using Belljar.Protocols.Smtp;

namespace Belljar.Protocols.Tests.Smtp;

/// <summary>What an attacker tries: another server's idea of a line's end, endless things, other protocols.</summary>
public sealed class SmtpStrictnessTests
{
    private const string Evil = "MAIL FROM:<evil@x.test>\r\nRCPT TO:<agent@mx.test>\r\nDATA\r\nforged\r\n.\r\n";

    /// <summary>Ends of data that some server somewhere believes in. None but CRLF.CRLF is one.</summary>
    public static TheoryData<string> Smuggling =>
    [
        "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\n\n.\r\n", "\r\r\n.\r\n", "\r\n\0.\n", "\n.\r\r\n", "\r\n.\r\r\n", "\r\n.\n\r\n", "\0\r.\r\0", "\r\n..\n", "\r\n.\rx\r\n",
    ];

    [Theory]
    [MemberData(nameof(Smuggling))]
    public void Data_WithABareLineEnd_IsRefusedAndNothingAfterItIsACommand(string end)
    {
        var bytes = Encoding.Latin1.GetBytes(
            "EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<agent@mx.test>\r\nDATA\r\nSubject: x\r\n\r\nhello" + end + Evil + "QUIT\r\n");
        var peer = Dialogue.EveryCut(bytes);
        Assert.EndsWith("354 end data with <CRLF>.<CRLF>\r\n554 5.6.0 CR or LF on its own in the message, closing\r\n", peer.Replies, StringComparison.Ordinal);
        Assert.True(peer.IsClosed);
        Assert.Empty(peer.Messages);
    }

    [Theory]
    [InlineData("\n.\nQUIT\r\n")]
    [InlineData("a\rb")]
    [InlineData("ends in CR\r")]
    public void Chunk_WithABareLineEnd_IsRefusedAndCloses(string chunk)
    {
        var peer = Dialogue.EveryCut(Encoding.Latin1.GetBytes(
            $"EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<agent@mx.test>\r\nBDAT {chunk.Length} LAST\r\n{chunk}NOOP\r\n"));
        Assert.EndsWith("554 5.6.0 CR or LF on its own in the message, closing\r\n", peer.Replies, StringComparison.Ordinal);
        Assert.Empty(peer.Messages);
    }

    [Fact]
    public void Chunks_WithALineEndCutBetweenThem_AreFine()
    {
        var peer = SmtpPeer.InTransaction();
        Assert.StartsWith("250", peer.Send("BDAT 2\r\na\r"), StringComparison.Ordinal);
        Assert.StartsWith("250", peer.Send("BDAT 2 LAST\r\n\nb"), StringComparison.Ordinal);
        Assert.Equal("a\r\nb", Assert.Single(peer.Messages).Text);
    }

    [Theory]
    [InlineData("NOOP\n")]
    [InlineData("NO\rOP\r\n")]
    [InlineData("\n")]
    [InlineData("NOOP\r\r\n")]
    public void Command_WithABareLineEnd_ClosesBeforeAnythingElseIsRead(string line)
    {
        var peer = Dialogue.EveryCut(Encoding.ASCII.GetBytes("EHLO c\r\n" + line + "QUIT\r\n"));
        Assert.EndsWith("500 5.5.2 a command ends with CRLF, and has no other CR or LF, closing\r\n", peer.Replies, StringComparison.Ordinal);
        Assert.True(peer.IsClosed);
    }

    [Fact]
    public void Data_RefusedAndTheMessageSentAllTheSame_Closes()
    {
        var peer = Dialogue.EveryCut(Encoding.ASCII.GetBytes(
            "EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<nobody@mx.test>\r\nDATA\r\nSubject: x\r\n\r\n" + Evil));
        Assert.EndsWith("554 5.5.1 no valid recipients\r\n554 5.5.1 message text after a refused DATA, closing\r\n", peer.Replies, StringComparison.Ordinal);
        Assert.Empty(peer.Messages);
    }

    [Fact]
    public void Data_EightBitAndNul_AreStoredAsTheyCame()
    {
        var peer = SmtpPeer.InTransaction();
        var every = Enumerable.Range(0, 256).Select(b => (byte)b).Where(b => b is not (10 or 13)).ToArray();
        peer.Send("DATA\r\n");
        peer.Send([.. every, .. "\r\n.\r\n"u8]);
        Assert.Equal([.. every, .. "\r\n"u8], Assert.Single(peer.Messages).Body);
    }

    [Theory]
    [InlineData(1000, "250 2.0.0")]
    [InlineData(1001, "500 5.5.2 line too long")]
    [InlineData(60_000, "500 5.5.2 line too long")]
    public void Line_UpToItsLimit_IsACommand(int length, string reply)
    {
        var peer = Dialogue.EveryCut(Encoding.ASCII.GetBytes("NOOP ".PadRight(Math.Min(length, 3000) - 2, 'x') + "\r\n"));
        var whole = new SmtpPeer();
        Assert.StartsWith(reply, whole.Say("NOOP ".PadRight(length - 2, 'x')), StringComparison.Ordinal);
        Assert.StartsWith("250", whole.Say("NOOP"), StringComparison.Ordinal);
        Assert.False(peer.IsClosed);
    }

    [Fact]
    public void Line_ThatNeverEnds_Closes()
    {
        var peer = new SmtpPeer();
        var sent = 0;
        for (var chunk = new byte[997]; !peer.IsClosed; sent += chunk.Length)
        {
            Assert.True(sent < 80_000);
            peer.Send(chunk.AsSpan());
        }

        Assert.EndsWith("500 5.5.2 line too long, closing\r\n", peer.Replies, StringComparison.Ordinal);
    }

    [Fact]
    public void Message_LargerThanAllowed_IsReadToItsEndAndRefused()
    {
        var options = new SmtpServerOptions { HostName = "mx.test", LargestMessage = 1000 };
        var peer = SmtpPeer.InTransaction(options);
        Assert.StartsWith("354", peer.Say("DATA"), StringComparison.Ordinal);
        Assert.Equal("552 5.3.4 message too large\r\n", peer.Send(new string('x', 999) + "\r\n.\r\n"));
        Assert.StartsWith("250", peer.Say("MAIL FROM:<a@b.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250", peer.Say("RCPT TO:<agent@mx.test>"), StringComparison.Ordinal);
        peer.Say("DATA");
        Assert.Equal("250 2.0.0 message stored\r\n", peer.Send(new string('y', 998) + "\r\n.\r\n"));
        Assert.Equal(1000, Assert.Single(peer.Messages).Body.Length);
    }

    [Fact]
    public void Message_ThatNeverEnds_Closes()
    {
        var options = new SmtpServerOptions { HostName = "mx.test", LargestMessage = 1000 };
        var peer = SmtpPeer.InTransaction(options);
        peer.Say("DATA");
        Assert.Equal("", peer.Send(new string('x', 2000)));
        Assert.Equal("552 5.3.4 message too large\r\n", peer.Send("x"));
        Assert.True(peer.IsClosed);
    }

    [Theory]
    [InlineData("BDAT 900\r\n", 900, "BDAT 200 LAST\r\n", 200, false)]
    [InlineData("BDAT 900\r\n", 900, "BDAT 1001 LAST\r\n", 0, true)]
    public void Chunks_LargerThanAllowed_AreRefused(string first, int firstSize, string second, int secondSize, bool closes)
    {
        var peer = SmtpPeer.InTransaction(new SmtpServerOptions { HostName = "mx.test", LargestMessage = 1000 });
        Assert.StartsWith("250", peer.Send(first + new string('x', firstSize)), StringComparison.Ordinal);
        Assert.Equal("552 5.3.4 message too large\r\n", peer.Send(second + new string('x', secondSize)));
        Assert.Equal(closes, peer.IsClosed);
        Assert.Empty(peer.Messages);
        Assert.Null(peer.Session.Transaction);
    }

    [Fact]
    public void Size_AnnouncedTooLarge_IsRefusedAtOnce()
    {
        var peer = new SmtpPeer();
        peer.Say("EHLO c");
        Assert.StartsWith("552 5.3.4", peer.Say("MAIL FROM:<a@b.test> SIZE=26214401"), StringComparison.Ordinal);
        Assert.StartsWith("552 5.3.4", peer.Say("MAIL FROM:<a@b.test> SIZE=99999999999999999999"), StringComparison.Ordinal);
        Assert.StartsWith("250", peer.Say("MAIL FROM:<a@b.test> SIZE=26214400"), StringComparison.Ordinal);
    }

    [Fact]
    public void Recipients_BeyondTheLimit_Get452()
    {
        var peer = SmtpPeer.InTransaction();
        for (var i = 1; i < 100; i++)
        {
            Assert.StartsWith("250", peer.Say($"RCPT TO:<r{i}@mx.test>"), StringComparison.Ordinal);
        }

        Assert.Equal("452 4.5.3 too many recipients\r\n", peer.Say("RCPT TO:<agent@mx.test>"));
        peer.Say("DATA");
        peer.Send(".\r\n");
        Assert.Equal(100, Assert.Single(peer.Messages).Transaction.Recipients.Count);
    }

    [Theory]
    [InlineData("NOOP")]
    [InlineData("RCPT TO:<nobody@mx.test>")]
    [InlineData("BDAT 0")]
    [InlineData("nonsense")]
    public void Commands_WithoutProgress_EndTheConnection(string command)
    {
        var peer = SmtpPeer.InTransaction();
        var given = 2; // EHLO and MAIL
        while (!peer.IsClosed)
        {
            peer.Say(command);
            Assert.True(++given <= 101);
        }

        Assert.Equal(101, given);
        Assert.EndsWith("421 4.7.0 too many commands without a message, closing\r\n", peer.Replies, StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_WithProgress_StartCountingAnew()
    {
        var peer = new SmtpPeer();
        peer.Say("EHLO c");
        for (var i = 0; i < 300; i++)
        {
            peer.Send("RSET\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<agent@mx.test>\r\nDATA\r\nhi\r\n.\r\n");
        }

        Assert.Equal(300, peer.Messages.Count);
        Assert.False(peer.IsClosed);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("POST /x HTTP/1.1")]
    [InlineData("CONNECT mx.test:25 HTTP/1.1")]
    public void Http_SpokenByABrowser_ClosesBeforeItsBody(string line)
    {
        var peer = new SmtpPeer();
        Assert.Equal("554 5.5.1 this is SMTP, closing\r\n", peer.Send(line + "\r\nEHLO c\r\n" + Evil));
        Assert.Empty(peer.Messages);
    }

    [Theory]
    [InlineData("MAIL FROM:<a@b.test> SIZE=x", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test> SIZE=", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test> SIZE=1 SIZE=1", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test> BODY=BINARYMIME", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test> SMTPUTF8=1", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test> =", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test> AUTH=<>", "555 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test> RET=HDRS", "555 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test>SIZE=1", "501 5.1.7")]
    [InlineData("MAIL FROM:a@b.test", "501 5.1.7")]
    [InlineData("MAIL FROM:<a@b.test", "501 5.1.7")]
    [InlineData("MAIL <a@b.test>", "501 5.5.4")]
    [InlineData("MAIL", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test>\t", "500 5.5.2")]
    [InlineData("MAIL FROM:<a\0@b.test>", "500 5.5.2")]
    [InlineData("mail from: <a@b.test>  size=1  body=7bit ", "250 2.1.0")]
    public void Mail_WithParameters_IsChecked(string command, string reply)
    {
        var peer = new SmtpPeer();
        peer.Say("EHLO c");
        Assert.StartsWith(reply, peer.Say(command), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RCPT TO:<agent@mx.test> NOTIFY=NEVER", "555 5.5.4")]
    [InlineData("RCPT TO:<agent@mx.test> x=", "501 5.5.4")]
    [InlineData("RCPT TO:<>", "501 5.1.3")]
    [InlineData("RCPT TO:<agent>", "501 5.1.3")]
    [InlineData("RCPT FROM:<agent@mx.test>", "501 5.5.4")]
    public void Rcpt_IsChecked(string command, string reply)
    {
        var peer = SmtpPeer.InTransaction();
        Assert.StartsWith(reply, peer.Say(command), StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_AfterHelo_AreUnknown()
    {
        var peer = new SmtpPeer();
        peer.Say("HELO c");
        Assert.StartsWith("555 5.5.4", peer.Say("MAIL FROM:<a@b.test> SIZE=1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Message_NotStored_DoesNotStartCountingAnew()
    {
        var peer = SmtpPeer.InTransaction();
        peer.Verdict = SmtpReplies.NotStored;
        peer.Say("DATA");
        Assert.Equal("451 4.3.0 the message could not be stored, try again later\r\n", peer.Send("x\r\n.\r\n"));
        Assert.StartsWith("503", peer.Say("RCPT TO:<agent@mx.test>"), StringComparison.Ordinal);
    }
}
