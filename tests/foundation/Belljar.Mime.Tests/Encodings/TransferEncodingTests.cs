using System.Text;

namespace Belljar.Mime.Tests.Encodings;

public class TransferEncodingTests
{
    [Theory]
    [InlineData("aGVs\r\nbG8=", "hello", false)]
    [InlineData("aGVsbG8", "hello", true)]
    [InlineData("aGVs*bG8=", "hello", true)]
    [InlineData("aGU=bGxv", "hello", false)]
    [InlineData("aGVsbG8=\r\n-- \r\nfooter!", null, true)]
    [InlineData("", "", false)]
    [InlineData("=", "", false)]
    [InlineData("a", "", true)]
    public void Base64_AsSendersWriteIt(string encoded, string? decoded, bool isFaulty) =>
        Check("base64", encoded, decoded, isFaulty ? MimeDefectKind.InvalidBase64 : null);

    [Theory]
    [InlineData("a=3Db=\r\nc=c3=A4", "a=bc\u00c3\u00a4", false)]
    [InlineData("a  \t\r\nb=20\r\nc", "a\nb \nc", false)]
    [InlineData("a=  \r\nb", "ab", false)]
    [InlineData("a=\nb=", "ab", false)]
    [InlineData("100% = =GG =4", "100% = =GG =4", true)]
    public void QuotedPrintable_AsSendersWriteIt(string encoded, string decoded, bool isFaulty) =>
        Check("Quoted-Printable", encoded, decoded, isFaulty ? MimeDefectKind.InvalidQuotedPrintable : null);

    [Theory]
    [InlineData("begin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n", "abc", false)]
    [InlineData("begin 644 a.txt\r\n#86)C\r\n", "begin 644 a.txt\r\n#86)C\r\n", true)]
    public void Uuencode_AsAnEncoding(string encoded, string decoded, bool isFaulty) =>
        Check("x-uuencode", encoded, decoded, isFaulty ? MimeDefectKind.InvalidUuencode : null);

    [Fact]
    public void UnknownEncoding_GivesTheBytesAndADefect() => Check("rot13", "uryyb", "uryyb", MimeDefectKind.UnknownTransferEncoding);

    [Fact]
    public void NoEncoding_IsAViewOfTheMessage()
    {
        var message = MimeMessage.Parse("Content-Transfer-Encoding: 8bit\r\n\r\nbody"u8.ToArray());

        Assert.Equal(message.Raw[message.BodyOffset..], message.Root.DecodeContent());
    }

    [Fact]
    public void UuencodeInText_IsAnAttachmentAndNotText()
    {
        var message = MimeMessage.Parse("Subject: x\r\n\r\nBefore\r\nbegin 644 a b.txt\r\n#86)C\r\n`\r\nend\r\nbegin at noon\r\nbegin 644 x\r\nnot data\r\nend\r\n"u8.ToArray());

        var file = Assert.Single(message.Attachments);
        Assert.True(file.IsUuencoded);
        Assert.Equal("a b.txt", file.FileName);
        Assert.Equal("abc", Encoding.ASCII.GetString(file.Decode().Span));
        Assert.Equal("Before\nbegin at noon\nbegin 644 x\nnot data\nend\n", message.TextBody);
    }

    [Theory]
    [InlineData("utf-8", "4oKsIOKC", "€ \uFFFD", MimeDefectKind.InvalidCharsetBytes)]
    [InlineData("UTF-16", "/v8AYQ==", "a", null)]
    [InlineData("utf-16", "AGE=", "a", null)]
    [InlineData("utf-16le", "YQA=", "a", null)]
    [InlineData("windows-1251", "z/Do4uXy", "Привет", null)]
    [InlineData("cp-1251", "z/Do4uXy", "Привет", null)]
    [InlineData("iso-8859-1", "k2GU", "“a”", null)]
    [InlineData("us-ascii", "w6Q=", "ä", MimeDefectKind.InvalidCharsetBytes)]
    [InlineData("shift_jis", "g2WDWINn", "テスト", null)]
    [InlineData("no-such-charset", "w6Q=", "ä", MimeDefectKind.UnknownCharset)]
    [InlineData("utf-7", "K0FEdy0=", "+ADw-", MimeDefectKind.UnknownCharset)]
    public void Text_InItsCharset(string charset, string base64, string text, MimeDefectKind? defect)
    {
        var message = MimeMessage.Parse(Encoding.ASCII.GetBytes($"Content-Type: text/plain; charset=\"{charset}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64}"));

        Assert.Equal(text, message.TextBody);
        Assert.Equal(defect, message.Defects.Select(found => (MimeDefectKind?)found.Kind).FirstOrDefault());
    }

    private static void Check(string encoding, string encoded, string? decoded, MimeDefectKind? defect)
    {
        var message = MimeMessage.Parse(Encoding.Latin1.GetBytes($"Content-Transfer-Encoding: {encoding}\r\n\r\n{encoded}"));
        var content = Encoding.Latin1.GetString(message.Root.DecodeContent().Span);

        if (decoded is not null)
        {
            Assert.Equal(decoded, content);
        }

        Assert.Equal(defect, message.Defects.Select(found => (MimeDefectKind?)found.Kind).FirstOrDefault(kind => kind != MimeDefectKind.BareLineFeed));
    }
}
