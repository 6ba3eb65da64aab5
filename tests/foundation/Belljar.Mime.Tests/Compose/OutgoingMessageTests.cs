using System.Text;
using Belljar.Mime.Compose;
using Belljar.Mime.Headers;

namespace Belljar.Mime.Tests.Compose;

public class OutgoingMessageTests
{
    private static readonly DateTimeOffset Date = new(2026, 3, 4, 9, 6, 3, TimeSpan.FromHours(-3.5));

    [Fact]
    public void ToBytes_TextAlone_IsExactlyThis()
    {
        var message = Plain with
        {
            To = [new MailAddress(null, "bob@b.example"), new MailAddress("Müller, Ö.", "m@bücher.example")],
            InReplyTo = ["0@a.example"],
            References = ["00@a.example", "0@a.example"],
            Fields = [KeyValuePair.Create("Auto-Submitted", "auto-replied")],
        };

        Assert.Equal(
            """
            Date: Wed, 4 Mar 2026 09:06:03 -0330
            From: "Ann A. Example" <ann@a.example>
            To: bob@b.example, =?utf-8?b?TcO8bGxlciwgw5Yu?= <m@xn--bcher-kva.example>
            Message-ID: <1@a.example>
            In-Reply-To: <0@a.example>
            References: <00@a.example> <0@a.example>
            Subject: Hello
            Auto-Submitted: auto-replied
            MIME-Version: 1.0
            Content-Type: text/plain; charset=us-ascii
            Content-Transfer-Encoding: 7bit

            Hi
            Bob

            """.ReplaceLineEndings("\r\n"),
            Encoding.UTF8.GetString(message.ToBytes()));
    }

    [Fact]
    public void ToBytes_EveryKindOfPart_ReadsBackInShape()
    {
        var message = Plain with
        {
            Body = OutgoingPart.Of(
                "text",
                "<p>html <img src=cid:pic@a></p>",
                new OutgoingFile("grüße \"1\".pdf", "application/pdf", new byte[] { 1, 2, 3 }),
                new OutgoingFile("", "image/png", new byte[] { 4 }, "pic@a")),
        };

        var read = MimeMessage.Parse(message.ToBytes());

        Assert.Equal(
            ["multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "application/pdf"],
            read.Parts.Select(part => part.ContentType.MediaType));
        Assert.Empty(read.Defects);
        Assert.Equal("text", read.TextBody);
        Assert.Equal("<p>html <img src=cid:pic@a></p>", read.HtmlBody);
        Assert.Equal(["", "grüße \"1\".pdf"], read.Attachments.Select(file => file.FileName ?? ""));
        Assert.True(read.Attachments[0].IsInline);
        Assert.Equal("pic@a", read.Attachments[0].Part.ContentId);
        Assert.Equal([1, 2, 3], read.Attachments[1].Decode().ToArray());
    }

    [Fact]
    public void ToBytes_SameSeed_GivesTheSameBytesAndAnotherSeedOthers()
    {
        var message = Plain with { Body = OutgoingPart.Of("a", "<p>a") };

        Assert.Equal(message.ToBytes(), message.ToBytes());
        Assert.NotEqual(message.ToBytes(), (message with { BoundarySeed = "x" }).ToBytes());
    }

    [Fact]
    public void ToBytes_TextThatKnowsTheBoundary_CannotEndItsPart()
    {
        var first = MimeMessage.Parse((Plain with { Body = OutgoingPart.Of("a", "<p>a") }).ToBytes());
        var boundary = first.Root.ContentType.Parameters["boundary"];

        var text = $"a\n--{boundary}--\n--{boundary}\nContent-Type: text/html\n\n<b>forged";
        var read = MimeMessage.Parse((Plain with { Body = OutgoingPart.Of(text, "<p>a") }).ToBytes());

        Assert.Equal(2, read.Root.Children.Count);
        Assert.Equal(text, read.TextBody);
    }

    [Fact]
    public void ToBytes_LineEndsInValues_AddNoField()
    {
        var message = Plain with
        {
            From = [new MailAddress("Ann\r\nBcc: x@x.example", "ann@a.example")],
            Subject = "Hi\r\nBcc: x@x.example\r\n\r\nbody",
            Fields = [KeyValuePair.Create("X-Note", "a\nBcc: y")],
            Body = OutgoingPart.Of("x", null, new OutgoingFile("a\r\nBcc: z.txt", "text/plain", new byte[] { 1 })),
        };

        var read = MimeMessage.Parse(message.ToBytes());

        Assert.DoesNotContain(read.Parts.SelectMany(part => part.Headers), field => field.IsNamed("Bcc"));
        Assert.Equal("Hi  Bcc: x@x.example    body", read.Subject);
    }

    [Theory]
    [InlineData("a b@c.example")]
    [InlineData("a@c.example>, <b@d.example")]
    [InlineData("a@c.example\r\nBcc: x")]
    [InlineData("nobody")]
    public void ToBytes_InvalidAddress_IsRefused(string address)
    {
        Assert.Throws<ArgumentException>(() => (Plain with { To = [new MailAddress(null, address)] }).ToBytes());
    }

    [Theory]
    [InlineData("Content-Type")]
    [InlineData("from")]
    [InlineData("X: y")]
    [InlineData("")]
    public void ToBytes_FieldThatIsNotFree_IsRefused(string name)
    {
        Assert.Throws<ArgumentException>(() => (Plain with { Fields = [KeyValuePair.Create(name, "x")] }).ToBytes());
    }

    [Fact]
    public void ToBytes_InternationalLocalPart_WritesUtf8AndSaysSo()
    {
        var message = Plain with { From = [new MailAddress("Jörg", "jörg@bücher.example")], Subject = "Grüße" };

        Assert.True(message.NeedsSmtpUtf8);
        Assert.False(Plain.NeedsSmtpUtf8);
        Assert.Contains("From: Jörg <jörg@bücher.example>\r\n", Encoding.UTF8.GetString(message.ToBytes()), StringComparison.Ordinal);
        Assert.Contains("Subject: Grüße\r\n", Encoding.UTF8.GetString(message.ToBytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void ToBytes_Report_CarriesItsPartsAsTheyAre()
    {
        var status = "Reporting-MTA: dns; a.example\r\n\r\nFinal-Recipient: rfc822; b@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"u8.ToArray();
        var original = Plain.ToBytes();
        var message = Plain with
        {
            Body = new OutgoingMultipart(
                "report",
                [new OutgoingText("failed"), new OutgoingFile("", "message/delivery-status", status), new OutgoingFile("", "message/rfc822", original)],
                KeyValuePair.Create("report-type", "delivery-status")),
        };

        var read = MimeMessage.Parse(message.ToBytes());

        Assert.Equal("delivery-status", read.Root.ContentType.Parameters["report-type"]);
        Assert.Equal(status, read.Root.Children[1].RawBody.ToArray());
        Assert.Equal(original, read.Root.Children[2].RawBody.ToArray());
        Assert.Equal("Hello", read.Root.Children[2].EmbeddedMessage!.Subject);
    }

    [Fact]
    public void ToBytes_AnyTextAnywhere_ReadsBackTheSameInLinesOfAtMost998()
    {
        var random = new Random(11);
        for (var i = 0; i < 400; i++)
        {
            var (name, subject, file, text) = (RandomText(random, 40), RandomText(random, 200), RandomText(random, 120), RandomText(random, 3000, withLines: true));
            var message = Plain with
            {
                From = [new MailAddress(name, "a@a.example")],
                Subject = subject,
                Body = OutgoingPart.Of(text, null, new OutgoingFile(file, "application/x", Encoding.UTF8.GetBytes(text))),
            };

            var bytes = message.ToBytes();
            var read = MimeMessage.Parse(bytes);

            Assert.Equal(name, read.From[0].DisplayName ?? "");
            Assert.Equal(subject, read.Subject);
            Assert.Equal(file, read.Attachments[0].FileName ?? "");
            Assert.Equal(text, read.Root.Children[0].GetText());
            Assert.Equal(Encoding.UTF8.GetBytes(text), read.Attachments[0].Decode().ToArray());
            Assert.Empty(read.Defects);
            Assert.True(Ascii.IsValid(bytes));
            Assert.All(Encoding.ASCII.GetString(bytes).Split("\r\n"), line => Assert.True(line.Length <= 998 && !line.Contains('\n', StringComparison.Ordinal)));
        }
    }

    private static string RandomText(Random random, int most, bool withLines = false)
    {
        var text = new StringBuilder();
        var style = random.Next(4);
        for (var n = random.Next(most); n > 0; n--)
        {
            var value = (style, random.Next(12)) switch
            {
                (_, 0) => ' ',
                (_, 1) when withLines => '\n',
                (0, _) => random.Next('!', '~' + 1),
                (1, < 9) => random.Next('a', 'z' + 1),
                (2, _) => random.Next(0xA1, 0x3000),
                _ => random.Next(0x21, 0x1F9FF),
            };
            var isPlain = Rune.IsValid(value) && (value == '\n' || !char.IsControl((char)Math.Min(value, 0xFFFE))) && value != 0xFEFF && value is not (0x34F or 0xAD or 0x200B or 0x2060);
            text.Append(isPlain ? new Rune(value).ToString() : "x");
        }

        return text.ToString();
    }

    private static OutgoingMessage Plain { get; } = new()
    {
        From = [new MailAddress("Ann A. Example", "ann@a.example")],
        Subject = "Hello",
        Date = Date,
        MessageId = "1@a.example",
        Body = OutgoingPart.Of("Hi\nBob\n"),
    };
}
