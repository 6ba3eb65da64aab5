using System.Text;
using Belljar.Protocols.Smtp;
using Belljar.Testing;

namespace Belljar.Protocols.Tests.Smtp;

/// <summary>Whatever is sent: no exception, replies that are replies, and the same answer however it was cut.</summary>
public sealed class SmtpFuzzTests
{
    private static readonly byte[][] Samples =
    [
        .. new[]
        {
            "EHLO c\r\nMAIL FROM:<a@b.test> SIZE=10\r\nRCPT TO:<agent@mx.test>\r\nDATA\r\nSubject: x\r\n\r\n..\r\nbody\r\n.\r\nQUIT\r\n",
            "EHLO c\r\nMAIL FROM:<> SMTPUTF8\r\nRCPT TO:<\"q p\"@mx.test>\r\nBDAT 4\r\na\r\n\r\nBDAT 0 LAST\r\nRSET\r\nVRFY x\r\n",
            "EHLO c\r\nAUTH PLAIN AHVzZXIAcGVuY2ls\r\nMAIL FROM:<a@b.test> AUTH=<>\r\nRCPT TO:<agent@mx.test>\r\nDATA\r\nx\r\n.\r\n",
            "EHLO c\r\nAUTH SCRAM-SHA-256\r\nbiwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=\r\n*\r\nNOOP\r\n",
            "HELO c\r\nRCPT TO:<full@mx.test>\r\nDATA\r\nx\r\n.\r\nHELP\r\nNOOP\r\nEXPN x\r\n",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "\r\n.\r\n", "\r\n", "\n", "\r", ".", "..", "\n.\n", "EHLO x\r\n", "MAIL FROM:<a@b.test>\r\n", "RCPT TO:<agent@mx.test>\r\n",
            "DATA\r\n", "BDAT 3\r\n", "BDAT 5 LAST\r\n", "BDAT 99999\r\n", "RSET\r\n", "QUIT\r\n", "\0", "é", "<", ">", "@", "\"", "SIZE=", " ", "AUTH ", "PLAIN", "SCRAM-SHA-256 ", "=", "*\r\n",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly Grammar Dialogues = new("dialogue", new Dictionary<string, string[]>
    {
        ["dialogue"] = ["{hello}{transaction*}{command*}", "{command*}{transaction*}", "{hello}STARTTLS\r\n{hello}{transaction*}"],
        ["hello"] = ["EHLO c.test\r\n", "HELO c\r\n", "EHLO [127.0.0.1]\r\n", "EHLO\r\n", "ehlo \u00c3\u00a9.test\r\n"],
        ["transaction"] = ["{mail}{rcpt}{rcpt*}{body}", "{mail}{body}", "{rcpt}{mail}{body}", "{mail}{rcpt}{command}{body}"],
        ["mail"] = ["MAIL FROM:{path}{parameter*}\r\n", "MAIL FROM: {path}\r\n", "mail from:<>\r\n"],
        ["rcpt"] = ["RCPT TO:<agent@mx.test>\r\n", "RCPT TO:{path}{parameter*}\r\n", "RCPT TO:<full@mx.test>\r\n", "RCPT TO:<Postmaster>\r\n"],
        ["path"] = ["<a@b.test>", "<>", "<\"q \\\" p\"@mx.test>", "<@x.test,@y.test:a@b.test>", "<a@[IPv6:::1]>", "<a@b", "a@b.test", "<\u00c3\u00a9@b.test>"],
        ["parameter"] = [" SIZE=10", " BODY=8BITMIME", " SMTPUTF8", " BODY=BINARYMIME", " SIZE=99999999999", " RET=HDRS", " ENVID=a+3D", " NOTIFY=NEVER", " X=", " ="],
        ["body"] = ["DATA\r\n{line*}.\r\n", "BDAT 6 LAST\r\nx\r\ny\r\n", "BDAT 3\r\na\r\nBDAT 0 LAST\r\n", "{chunk*}BDAT 2 LAST\r\n\r\n", "DATA\r\n{line*}{badend}"],
        ["chunk"] = ["BDAT 4\r\nab\r\n", "BDAT 1\r\nx", "BDAT 10\r\nshort\r\n", "BDAT -1\r\n", "BDAT\r\n"],
        ["line"] = ["x\r\n", "Subject: s\r\n", "\r\n", "..\r\n", ".dot\r\n", "\u00e9\u00ff\u0000\r\n", "MAIL FROM:<evil@x.test>\r\n", "{line}{line}"],
        ["badend"] = ["\n.\n", "\r.\r", "\n.\r\n{transaction}", "\r\n.\n{transaction}", ".\r\r\n", "\r\n.\r\n"],
        ["command"] = ["NOOP\r\n", "RSET\r\n", "VRFY x\r\n", "HELP\r\n", "EXPN x\r\n", "XX\r\n", "QUIT\r\n", " \r\n", "AUTH PLAIN AAAA\r\n", "NOOP\n", "{hello}"],
    });

    [Fact]
    public void AnyInput_IsAnsweredTheSameHoweverItIsCut()
    {
        var cuts = new Random(7);
        var options = new SmtpServerOptions { HostName = "mx.test", IsSecure = true };
        var tried = Fuzz.Run(Samples, Words, input =>
        {
            var whole = new SmtpPeer(options, new TestLogin { IsQuick = true });
            whole.Send(input.AsSpan());
            AssertReplies(whole.Replies);
            var pieces = new SmtpPeer(options, new TestLogin { IsQuick = true });
            for (var at = 0; at < input.Length;)
            {
                var length = Math.Min(cuts.Next(1, 12), input.Length - at);
                pieces.Send(input.AsSpan(at, length));
                at += length;
            }

            Dialogue.AssertSame(whole, pieces, "in pieces");
            Assert.All(whole.Messages, message => AssertLineEnds(message.Body));
        }, Dialogues, "smtp");
        Assert.True(tried > 10);
    }

    private static void AssertReplies(string replies)
    {
        foreach (var line in replies.TrimEnd('\n').TrimEnd('\r').Split("\r\n"))
        {
            Assert.Matches("^[2-5][0-9][0-9][ -][ -~]*$", line);
        }
    }

    /// <summary>No stored message has a CR or LF that stands alone.</summary>
    private static void AssertLineEnds(byte[] body)
    {
        var text = Encoding.Latin1.GetString(body).Replace("\r\n", "", StringComparison.Ordinal);
        Assert.False(text.AsSpan().ContainsAny('\r', '\n'));
    }
}
