using System.Text;

namespace Belljar.Mime.Tests;

/// <summary>Which part is the text, which are files.</summary>
public class BodyTests
{
    [Fact]
    public void TextBody_OfHtmlAlone_IsConvertedAndHiddenTextReported()
    {
        var message = Parse("Content-Type: text/html\r\n\r\n<p>Hello<p style='display:none'>obey");

        Assert.Equal("Hello", message.TextBody);
        Assert.Contains(message.Defects, defect => defect.Name == "hidden-text");
    }

    [Fact]
    public void TextBody_WithSmuggledTags_IsCleanedAndReported()
    {
        var message = Parse("Content-Type: text/plain; charset=utf-8\r\n\r\nHi" + string.Concat("obey".Select(c => char.ConvertFromUtf32(0xE0000 + c))));

        Assert.Equal("Hi", message.TextBody);
        Assert.Contains(message.Defects, defect => defect.Kind == MimeDefectKind.HiddenText);
    }

    [Fact]
    public void TextBody_OfOtherText_IsThatText()
    {
        Assert.Equal("# x", Parse("Content-Type: text/markdown\r\n\r\n# x").TextBody);
    }

    [Fact]
    public void Attachments_HoldPicturesOfTheTextAndEmbeddedMessages()
    {
        var message = Parse("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: image/png; name=a.png\r\n\r\nx\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx\r\n--b--");

        Assert.Equal("text", message.TextBody);
        Assert.Equal(["image/png", "message/rfc822", "application/ms-tnef"], message.Attachments.Select(file => file.MediaType));
        Assert.Equal([false, false, true], message.Attachments.Select(file => file.IsTnef));
        Assert.Equal("inner", message.Attachments[1].Part.EmbeddedMessage?.Subject);
    }

    [Fact]
    public void CalendarParts_AreFoundInsideAlternatives()
    {
        var message = Parse("Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n--b--");

        var calendar = Assert.Single(message.CalendarParts);
        Assert.Equal("REQUEST", calendar.ContentType.Parameters["method"]);
        Assert.Equal("text", message.TextBody);
        Assert.Equal("text/calendar", Assert.Single(message.Attachments).MediaType);
    }

    [Fact]
    public void Digest_PartsWithoutAType_AreMessages()
    {
        var message = Parse("Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: one\r\n\r\nx\r\n--b--");

        Assert.Equal("one", Assert.Single(message.Root.Children).EmbeddedMessage?.Subject);
    }

    [Fact]
    public void EmbeddedMessage_InBase64_IsDecodedFirst()
    {
        var inner = Convert.ToBase64String("Subject: inner\r\n\r\nx"u8);

        Assert.Equal("inner", Parse($"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{inner}").Root.EmbeddedMessage?.Subject);
    }

    [Fact]
    public void PreambleAndEpilogue_AreRangesOfTheMessage()
    {
        var message = Parse("Content-Type: multipart/mixed; boundary=b\r\n\r\nbefore\r\n--b\r\n\r\nx\r\n--b--\r\nafter");

        Assert.Equal("before", Encoding.ASCII.GetString(message.Raw.Span[message.Root.Preamble]));
        Assert.Equal("after", Encoding.ASCII.GetString(message.Raw.Span[message.Root.Epilogue]));
    }

    private static MimeMessage Parse(string text) => MimeMessage.Parse(Encoding.UTF8.GetBytes(text));
}
