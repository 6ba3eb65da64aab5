using System.Text;

namespace Belljar.Mime.Tests.Headers;

public class ContentTypeTests
{
    [Theory]
    [InlineData("text/plain", "text/plain", true)]
    [InlineData("TEXT/Html; charset=x", "text/html", true)]
    [InlineData("text", "text/plain", false)]
    [InlineData("/", "text/plain", false)]
    [InlineData("a/b/c", "text/plain", false)]
    [InlineData("t e x t/plain", "text/plain", false)]
    [InlineData("text/plain charset=utf-8", "text/plain", true)]
    public void Part_TypeThatIsNone_IsPlainTextAndADefect(string value, string mediaType, bool isValid)
    {
        var message = MimeMessage.Parse(Encoding.UTF8.GetBytes($"Content-Type: {value}\r\n\r\nx"));

        Assert.Equal(mediaType, message.Root.ContentType.MediaType);
        Assert.Equal(isValid, !message.Defects.Any(defect => defect.Kind == MimeDefectKind.InvalidContentType));
    }

    [Theory]
    [InlineData("attachment; filename=\"a.txt\"", "a.txt")]
    [InlineData("attachment; filename*=utf-8''%e2%82%ac.txt; filename=x.txt", "€.txt")]
    [InlineData("attachment; filename=x.txt; filename*1*=b%20; filename*0*=iso-8859-1'de'%E4", "äb ")]
    [InlineData("attachment; filename=\"=?utf-8?q?a=20b?=.txt\"", "a b.txt")]
    [InlineData("attachment; filename=my report (final).pdf", "my report (final).pdf")]
    [InlineData("attachment; filename=\"../../etc/passwd\"", "../../etc/passwd")]
    [InlineData("attachment;\r\n filename=a\r\n size=3", "a")]
    [InlineData("attachment; filename=\"\"", null)]
    [InlineData("attachment; name=x", null)]
    public void FileName_AsSendersWriteIt(string value, string? name)
    {
        var message = MimeMessage.Parse(Encoding.UTF8.GetBytes($"Content-Disposition: {value}\r\n\r\nx"));

        Assert.Equal(name, message.Root.FileName);
        Assert.True(message.Root.IsAttachment);
    }

    [Fact]
    public void Boundary_ThatLooksLikeAnEncodedWord_IsTakenAsItStands()
    {
        var message = MimeMessage.Parse("Content-Type: multipart/mixed; boundary=\"=?utf-8?q?x?=\"\r\n\r\n--=?utf-8?q?x?=\r\n\r\nbody\r\n--=?utf-8?q?x?=--"u8.ToArray());

        Assert.Equal("body", Assert.Single(message.Root.Children).GetText());
    }
}
