using Belljar.Mail.Outgoing;
using Belljar.Mail.Outgoing.Composing;
using Belljar.Mime;
using Belljar.Mime.Compose;
using Belljar.Mime.Headers;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Outgoing.Composing;

public sealed class MailDraftTests
{
    private static readonly MailDraft Draft = new()
    {
        From = new MailAddress("Agent", "agent@mx.test"),
        To = [new MailAddress("Bob", "bob@b.example")],
        Bcc = [new MailAddress("Dora", "dora@b.example"), new MailAddress(null, "emil@bücher.example")],
        Subject = "Grüße\r\nBcc: eve@e.example",
        Text = "# Hi\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        Attachments = [new OutgoingFile("ünï.pdf", "application/pdf", "PDF"u8.ToArray())],
    };

    [Fact]
    public void Draft_BecomesAMessageThatTheServerAccepts()
    {
        var message = OutgoingMessageReader.TryRead(Draft.ToBytes(new ManualClock()), new OutgoingOptions(), new ManualClock(), null, out var error);
        Assert.Null(error);
        Assert.Equal(["bob@b.example", "dora@b.example", "emil@xn--bcher-kva.example"], message!.Recipients.Select(recipient => recipient.ToString()));
        var parsed = MimeMessage.Parse(message.Raw);
        Assert.Contains("<table", parsed.HtmlBody, StringComparison.Ordinal);
        Assert.Equal(Draft.Text.Trim(), parsed.TextBody.Trim());
        Assert.Equal("ünï.pdf", Assert.Single(parsed.Attachments).FileName);
        Assert.Empty(parsed.Bcc);
        Assert.Empty(parsed.Defects);
        Assert.False(message.IsUtf8 || message.IsEightBit);
    }

    [Fact]
    public void RepeatableBytes_AreTheSameEachTime_AndTheServerAddsWhatIsMissing()
    {
        Assert.Equal(Draft.ToRepeatableBytes(), Draft.ToRepeatableBytes());
        var parsed = MimeMessage.Parse(Draft.ToRepeatableBytes());
        Assert.Null(parsed.Date);
        Assert.Null(parsed.MessageId);
        var message = OutgoingMessageReader.TryRead(Draft.ToRepeatableBytes(), new OutgoingOptions(), new ManualClock(), null, out var error);
        Assert.Null(error);
        var received = MimeMessage.Parse(message!.Raw);
        Assert.Equal(message.MessageId, received.MessageId);
        Assert.NotNull(received.Date);
        Assert.Equal("ünï.pdf", Assert.Single(received.Attachments).FileName);
        Assert.Empty(received.Defects);
    }

    [Fact]
    public void TextOnly_HasNoHtml_AndHtmlOfOnesOwnIsTaken()
    {
        Assert.Null(MimeMessage.Parse((Draft with { TextOnly = true }).ToBytes(new ManualClock())).HtmlBody);
        Assert.Equal("<p>mine</p>", MimeMessage.Parse((Draft with { Html = "<p>mine</p>" }).ToBytes(new ManualClock())).HtmlBody!.Trim());
    }

    [Theory]
    [InlineData("<script>alert(1)</script>", "<script")]
    [InlineData("<img src=x onerror=alert(1)>", "<img")]
    [InlineData("[x](javascript:alert(1))", "javascript:")]
    [InlineData("[x](JaVaScRiPt:alert(1))", "ript:")]
    [InlineData("[x]: javascript:alert(1)\n\n[x]", "javascript:")]
    [InlineData("<javascript:alert(1)>", "href")]
    [InlineData("[x](data:text/html,hi)", "data:")]
    [InlineData("![x](https://tracker.example/pixel.gif)", "<img")]
    [InlineData("[x](https://a.example/\"onmouseover=\"alert(1))", "\"onmouseover")]
    [InlineData("```html\n</pre><script>\n```", "<script")]
    public void Markdown_GivesNothingThatRuns(string markdown, string forbidden) =>
        Assert.DoesNotContain(forbidden, MarkdownHtml.Render(markdown), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Markdown_LinksStay()
    {
        var html = MarkdownHtml.Render("[a](https://a.example/?x=1&y=2) <mailto:b@b.example> https://c.example ~~no~~");
        Assert.Contains("href=\"https://a.example/?x=1&amp;y=2\"", html, StringComparison.Ordinal);
        Assert.Contains("href=\"mailto:b@b.example\"", html, StringComparison.Ordinal);
        Assert.Contains("href=\"https://c.example\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_NestedBeyondReason_IsShownAsItIs() =>
        Assert.Contains("&gt;&gt;&gt;", MarkdownHtml.Render(new string('>', 5000) + "x"), StringComparison.Ordinal);

    [Fact]
    public void Markdown_AnyText_NeverThrowsAndNeverRuns()
    {
        byte[][] samples = ["# a\n\n* [b](c) `d`\n\n> e\n\n| f | g |\n|---|---|\n| h | i |\n"u8.ToArray(), "![x](y \"z\") <https://a.b> **c** ~~d~~\n\n```\ne\n```\n"u8.ToArray()];
        byte[][] words = ["<script>"u8.ToArray(), "](javascript:"u8.ToArray(), "<a href=x>"u8.ToArray(), "\n> "u8.ToArray(), "\n    - "u8.ToArray(), "&#x6A;avascript:"u8.ToArray(), "|"u8.ToArray()];
        Fuzz.Run(samples, words, bytes =>
        {
            var html = MarkdownHtml.Render(System.Text.Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 4096))));
            Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("href=\"javascript", html, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Theory]
    [InlineData("Auto-Submitted: auto-replied\n", "a@b.test", true)]
    [InlineData("Auto-Submitted: no\n", "a@b.test", false)]
    [InlineData("List-Id: <x.y>\n", "a@b.test", true)]
    [InlineData("Precedence: bulk\n", "a@b.test", true)]
    [InlineData("Subject: x\n", "", true)]
    [InlineData("Subject: x\n", "a@b.test", false)]
    public void AutomaticMail_IsKnown(string header, string envelopeFrom, bool expected) =>
        Assert.Equal(expected, AutomaticMail.IsAutomatic(MimeMessage.Parse(System.Text.Encoding.UTF8.GetBytes(header + "\nx\n")).Headers, envelopeFrom));
}
