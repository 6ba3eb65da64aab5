using System.Text;

namespace Belljar.Mime.Tests;

/// <summary>What a sender may try, and what is promised in return.</summary>
public class HostileMessageTests
{
    [Fact]
    public void Parse_CutAtEveryByte_NeverThrowsAndKeepsTheBytes()
    {
        for (var cut = 0; cut <= Samples.Everything.Length; cut++)
        {
            var message = MimeMessage.Parse(Samples.Everything.AsMemory(0, cut));
            Everything.Touch(message);
            Assert.Equal(cut, message.Raw.Length);
        }
    }

    [Fact]
    public void Parse_DeepMultiparts_StopAtTheLimit()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 500; i++)
        {
            text.Append($"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        }

        var message = Parse(text.ToString());

        Assert.Equal(33, message.Parts.Count());
        Assert.Contains(message.Defects, defect => defect.Kind == MimeDefectKind.TooDeep);
    }

    [Fact]
    public void EmbeddedMessages_Deep_StopAtTheLimit()
    {
        var message = Parse(string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\r\n\r\n", 500)));

        var depth = 0;
        for (var inner = message; inner is not null; inner = inner.Root.EmbeddedMessage)
        {
            depth++;
        }

        Assert.Equal(32, depth);
    }

    [Fact]
    public void Parse_MixOfEmbeddedAndMultipart_CountsBothForTheLimit()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 100; i++)
        {
            text.Append($"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\nContent-Type: message/rfc822\r\n\r\n");
        }

        var levels = 0;
        for (var message = Parse(text.ToString()); message is not null; message = message.Parts.Last().EmbeddedMessage)
        {
            levels += message.Parts.Count();
        }

        Assert.InRange(levels, 30, 36);
    }

    [Fact]
    public void Parse_ManyParts_StopAtTheLimitAndLoseNothing()
    {
        var message = Parse("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat("--b\r\n\r\nx\r\n", 5000)) + "--b--");

        Assert.Equal(1001, message.Parts.Count());
        Assert.Equal(message.Raw.Length, message.Parts.Last().End);
        Assert.Contains(message.Defects, defect => defect.Kind == MimeDefectKind.TooManyParts);
    }

    [Fact]
    public void Parse_ManyFields_StopAtTheLimitAndTheBodyIsFound()
    {
        var message = Parse(string.Concat(Enumerable.Repeat("X: y\r\n", 10_000)) + "\r\nbody");

        Assert.Equal(4000, message.Headers.Count);
        Assert.Equal("body", message.TextBody);
        Assert.Contains(message.Defects, defect => defect.Kind == MimeDefectKind.TooManyFields);
    }

    [Fact]
    public void Field_Huge_IsDecodedUpToTheLimitAndKeptWhole()
    {
        var message = Parse("Subject: " + new string('x', 1_000_000) + "\r\n\r\n");

        Assert.InRange(message.Subject!.Length, 65_000, 65_536);
        Assert.Equal(1_000_011, message.Headers[0].Length);
        Assert.Contains(message.Defects, defect => defect.Kind == MimeDefectKind.OversizedField);
    }

    /// <summary>Each would take minutes if every beginning were searched for its end.</summary>
    [Theory]
    [InlineData("=?a?q?x", "")]
    [InlineData("=?a b?q?", "?=")]
    [InlineData("a ", "@b : : : : :")]
    [InlineData("[", "")]
    [InlineData("(", "")]
    [InlineData("<", "")]
    [InlineData("\"", "")]
    [InlineData("a@b:", "")]
    [InlineData("x=\r\n ", "")]
    [InlineData(";x*1=a", "")]
    public void Fields_OfBeginningsWithoutEnd_AreReadInOnePass(string piece, string end)
    {
        var value = string.Concat(Enumerable.Repeat(piece, 60_000 / piece.Length)) + end;
        var text = string.Concat(Enumerable.Repeat($"From: {value}\r\nContent-Type: text/plain; {value}\r\n", 3)) + "\r\n";

        Assert.True(Everything.Touch(Parse(text)) > 0);
    }

    [Fact]
    public void Addresses_ThatHideInEncodedWords_MakeNoSecondSender()
    {
        var message = Parse("From: =?utf-8?q?boss=40corp.example=3E=2C_x?= <evil@evil.example>\r\n\r\n");

        var from = Assert.Single(message.From);
        Assert.Equal("evil@evil.example", from.Address);
        Assert.Equal("boss@corp.example>, x", from.DisplayName);
        Assert.Equal("\"boss@corp.example>, x\" <evil@evil.example>", from.ToDisplay());
    }

    [Fact]
    public void From_Twice_IsAllOfThemAndADefect()
    {
        var message = Parse("From: a@a.example\r\nFrom: b@b.example\r\n\r\n");

        Assert.Equal(["a@a.example", "b@b.example"], message.From.Select(from => from.Address));
        Assert.Contains(message.Defects, defect => defect is { Kind: MimeDefectKind.DuplicateField, Offset: 19, Name: "duplicate-field" });
    }

    [Fact]
    public void Boundary_OfTheOuterMultipart_EndsTheInner()
    {
        var message = Parse("Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\na\r\n--o\r\n\r\nb\r\n--i\r\n\r\nc\r\n--o--\r\n");

        Assert.Equal(2, message.Root.Children.Count);
        Assert.Equal("a", Assert.Single(message.Root.Children[0].Children).GetText());
        Assert.Equal("b\n--i\n\nc", message.Root.Children[1].GetText());
        Assert.Contains(message.Defects, defect => defect.Kind == MimeDefectKind.MissingFinalBoundary);
    }

    [Theory]
    [InlineData("--bb\r\n\r\nx\r\n--b--\r\n", 0)]
    [InlineData("--b \t\r\n\r\nx\r\n--b--  \r\n", 1)]
    [InlineData("--b\n\nx\n--b--", 1)]
    [InlineData("--b\r\n\r\n--b\r\n\r\n--b--\r\n", 2)]
    [InlineData("--b\r\n--b--\r\n", 1)]
    [InlineData("--b--\r\n", 0)]
    [InlineData(" --b\r\n\r\nx", 0)]
    public void Boundaries_AtTheirEdges(string body, int parts)
    {
        Assert.Equal(parts, Parse("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body).Root.Children.Count);
    }

    [Fact]
    public void Multipart_WithoutItsBoundary_IsReadAsText()
    {
        var message = Parse("Content-Type: multipart/mixed; boundary=b\r\n\r\nhello");

        Assert.Equal("hello", message.TextBody);
        Assert.Contains(message.Defects, defect => defect.Kind == MimeDefectKind.BoundaryNotFound);
    }

    [Fact]
    public void PartsBehindTheFinalBoundary_AreNotPartsButADefect()
    {
        var message = Parse("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\na\r\n--b--\r\n--b\r\n\r\nhidden\r\n--b--\r\n");

        Assert.Equal("a", message.TextBody);
        Assert.Contains(message.Defects, defect => defect.Kind == MimeDefectKind.PartsAfterFinalBoundary);
    }

    [Fact]
    public void HeaderLineThatIsNone_IsSkippedAndTheHeaderGoesOn()
    {
        var message = Parse("A: 1\r\nnot a field\r\n continued\r\nB: 2\r\n\r\nbody");

        Assert.Equal(["A", "B"], message.Headers.Select(field => field.Name));
        Assert.Equal("body", message.TextBody);
        Assert.Contains(message.Defects, defect => defect is { Kind: MimeDefectKind.InvalidHeaderLine, Offset: 6 });
    }

    [Fact]
    public void MessageWithoutHeader_IsAllBody()
    {
        var message = Parse("Hello there\r\nB: 2\r\n\r\nbody");

        Assert.Empty(message.Headers);
        Assert.Equal(0, message.BodyOffset);
        Assert.Contains(message.Defects, defect => defect.Kind == MimeDefectKind.MissingHeader);
    }

    [Fact]
    public void Defects_OfRawBytes_AreReported()
    {
        var message = MimeMessage.Parse("Subject: caf\u00e9 \0\n\nx"u8.ToArray());
        var latin = MimeMessage.Parse("Subject: caf\xE9\r\n\r\nx".Select(c => (byte)c).ToArray());

        Assert.Equal("café \0", message.Subject);
        Assert.Equal([MimeDefectKind.NulByte, MimeDefectKind.BareLineFeed], message.Defects.Select(defect => defect.Kind));
        Assert.Equal("café", latin.Subject);
        Assert.Equal([MimeDefectKind.EightBitHeader], latin.Defects.Select(defect => defect.Kind));
    }

    [Fact]
    public void Defects_AreBounded()
    {
        var message = Parse("A: 1\r\n" + string.Concat(Enumerable.Repeat("nothing\r\n", 100_000)) + "\r\n");

        Assert.Equal(100, message.Defects.Count);
    }

    private static MimeMessage Parse(string text) => MimeMessage.Parse(Encoding.UTF8.GetBytes(text));
}
