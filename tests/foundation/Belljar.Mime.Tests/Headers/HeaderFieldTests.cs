using System.Text;
using Belljar.Mime.Headers;

namespace Belljar.Mime.Tests.Headers;

public class HeaderFieldTests
{
    [Fact]
    public void Raw_Fields_AreTheMessageToTheByte()
    {
        var bytes = "Subject: a\r\n\tb  \r\nX-Empty:\r\nx-odd : c\r\n\r\nbody"u8.ToArray();
        var message = MimeMessage.Parse(bytes);

        Assert.Equal(["Subject: a\r\n\tb  \r\n", "X-Empty:\r\n", "x-odd : c\r\n"], message.Headers.Select(field => Encoding.ASCII.GetString(field.Raw.Span)));
        Assert.Equal([" a\r\n\tb  \r\n", "\r\n", " c\r\n"], message.Headers.Select(field => Encoding.ASCII.GetString(field.RawValue.Span)));
        Assert.Equal(["Subject", "X-Empty", "x-odd"], message.Headers.Select(field => field.Name));
        Assert.Equal("a b", message.Subject);
        Assert.Equal("c", message.Headers["X-ODD"]?.Text);
        Assert.Equal("body", Encoding.ASCII.GetString(message.Raw.Span[message.BodyOffset..]));
        Assert.Equal(bytes, message.Headers.SelectMany(field => field.Raw.ToArray()).Concat("\r\nbody"u8.ToArray()));
    }

    [Theory]
    [InlineData("=?utf-8?b?4oKs?= =?utf-8?q?=E2=82?= =?utf-8?q?=AC?=", "€€")]
    [InlineData("=?iso-2022-jp?B?GyRCJUYlOSVIGyhC?=", "テスト")]
    [InlineData("=?koi8-r?B?8NLJ18XU?=", "Привет")]
    [InlineData("=?gb2312?B?xOO6ww==?=", "你好")]
    [InlineData("=?x-no-such?Q?caf=E9?=", "café")]
    [InlineData("=?utf-7?Q?+ADw-script?=", "+ADw-script")]
    [InlineData("=?utf-8?q?a=?=", "a=")]
    [InlineData("=?utf-8?x?a?=", "=?utf-8?x?a?=")]
    public void Text_EncodedWords_InAnyCharset(string value, string text)
    {
        Assert.Equal(text, MimeMessage.Parse(Encoding.ASCII.GetBytes($"Subject: {value}\r\n\r\n")).Subject);
    }

    [Theory]
    [InlineData("Fri, 31 Dec 1999 23:59:60 +0000", "2000-01-01T00:00:00+00:00")]
    [InlineData("1 Jan 00 00:00 -0000", "2000-01-01T00:00:00+00:00")]
    [InlineData("1 January 103 1:2:3 PST", "2003-01-01T01:02:03-08:00")]
    [InlineData("1 Jan 2020 10 : 20 : 30 +02:00", "2020-01-01T10:20:30+02:00")]
    [InlineData("1 Jan 2020 00:00:00 +2359", "2019-12-31T00:01:00+00:00")]
    [InlineData("30 Feb 2020 00:00:00 +0000", null)]
    [InlineData("1 Jan 2020 24:00:00 +0000", null)]
    [InlineData("1 Jan 0000 00:00:00 +0000", null)]
    [InlineData("1 Jan 0001 00:00:00 +1000", null)]
    [InlineData("", null)]
    public void Date_AtItsEdges(string value, string? expected)
    {
        var date = MimeMessage.Parse(Encoding.ASCII.GetBytes($"Date: {value}\r\n\r\n")).Date;

        Assert.Equal(expected, date?.ToString("yyyy-MM-ddTHH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Ids_AreReadFromReferences()
    {
        var message = MimeMessage.Parse("References: <a@b>\r\n <c@d>(x)<e @ f>\r\nIn-Reply-To: x (y) <z@z>\r\n\r\n"u8.ToArray());

        Assert.Equal(["a@b", "c@d", "e@f"], message.References);
        Assert.Equal(["z@z"], message.InReplyTo);
        Assert.Null(message.MessageId);
    }

    [Fact]
    public void DefectNames_AreKebabCase()
    {
        Assert.Equal("parts-after-final-boundary", new MimeDefect(MimeDefectKind.PartsAfterFinalBoundary, 0).Name);
        Assert.All(Enum.GetValues<MimeDefectKind>(), kind => Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", new MimeDefect(kind, 0).Name));
    }
}
