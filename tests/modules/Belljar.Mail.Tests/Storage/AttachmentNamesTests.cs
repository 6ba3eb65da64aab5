using System.Text;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Tests.Storage;

public sealed class AttachmentNamesTests
{
    [Theory]
    [InlineData("report.pdf", "report.pdf")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Windows\\system32\\evil.exe", "evil.exe")]
    [InlineData("a\0b\r\nc.txt", "a_b__c.txt")]
    [InlineData("invoice\u202Efdp.exe", "invoice_fdp.exe")]
    [InlineData("zero\u200Bwidth.txt", "zero_width.txt")]
    [InlineData("Gru\u0308ße.txt", "Grüße.txt")]
    [InlineData("..", "_")]
    [InlineData(".", "_")]
    [InlineData(".bashrc", "_bashrc")]
    [InlineData("   ", "file")]
    [InlineData("", "file")]
    [InlineData(null, "file")]
    [InlineData("dir/", "file")]
    [InlineData("stream:ads", "stream_ads")]
    public void Name_IsMadeSafe(string? written, string expected) =>
        Assert.Equal(expected, new AttachmentNames("x.md").Take(written, "file"));

    [Fact]
    public void Names_ThatAreAlike_AreNumbered()
    {
        var names = new AttachmentNames("x.md");
        Assert.Equal(
            ["a.txt", "A-2.TXT", "a-2-2.txt", "x-2.md", "file", "file-2"],
            new[] { "a.txt", "A.TXT", "a-2.txt", "x.md", null, "" }.Select(name => names.Take(name, "file")));
    }

    [Fact]
    public void Name_TooLong_KeepsItsExtension()
    {
        var name = new AttachmentNames("x.md").Take(new string('ü', 300) + ".pdf", "file");
        Assert.EndsWith("ü.pdf", name, StringComparison.Ordinal);
        Assert.Equal(200, Encoding.UTF8.GetByteCount(name));
        Assert.InRange(Encoding.UTF8.GetByteCount(new AttachmentNames("x.md").Take("a." + new string('b', 300), "file")), 1, 200);
    }
}
