using System.Text;
using Belljar.Protocols.Aimx;

namespace Belljar.Protocols.Tests.Aimx;

public sealed class AimxReplyTests
{
    [Fact]
    public void Shapes_AreWrittenToTheByte()
    {
        Assert.Equal("AIMX/1 OK\n", Encoding.UTF8.GetString(AimxReply.Ok));
        Assert.Equal("AIMX/1 OK <a@b.test>\n", Encoding.UTF8.GetString(AimxReply.Accepted("<a@b.test>")));
        Assert.Equal("AIMX/1 OK\nContent-Length: 2\n\n[]", Encoding.UTF8.GetString(AimxReply.Json("[]"u8)));
        Assert.Equal(
            "AIMX/1 ERR ENOENT no mailbox 'x'\nCode: ENOENT\n\n",
            Encoding.UTF8.GetString(AimxReply.Refusal(new AimxError(AimxErrorCode.NoEntry, "no mailbox 'x'"))));
    }

    [Theory]
    [InlineData("a\nAIMX/1 OK\n", "aAIMX/1 OK")]
    [InlineData("a\r\nb", "ab")]
    [InlineData("\u001b]52;c;x\u0007\u2028\u202e", "]52;c;x")]
    public void Reason_CanForgeNoLine(string reason, string written)
        => Assert.Equal($"AIMX/1 ERR TEMP {written}\nCode: TEMP\n\n", Encoding.UTF8.GetString(AimxReply.Refusal(new AimxError(AimxErrorCode.Temporary, reason))));

    [Fact]
    public void EveryCode_ComesBackAsItself()
    {
        foreach (var code in Enum.GetValues<AimxErrorCode>())
        {
            Assert.True(AimxAnswer.TryParse(AimxReply.Refusal(new AimxError(code, "why it was")), AimxVerb.Delete, out var answer));
            Assert.Equal(new AimxError(code, "why it was"), answer.Error);
        }
    }

    [Fact]
    public void Answers_OfTheThreeShapesAreRead()
    {
        Assert.True(AimxAnswer.TryParse(AimxReply.Accepted("<a@b.test>"), AimxVerb.Send, out var sent));
        Assert.Equal("<a@b.test>", sent.MessageId);
        Assert.True(AimxAnswer.TryParse(AimxReply.Ok, AimxVerb.MarkRead, out _));
        Assert.True(AimxAnswer.TryParse(AimxReply.Json("""[{"a":1}]"""u8), AimxVerb.MailboxList, out var listed));
        Assert.Equal("""[{"a":1}]""", Encoding.UTF8.GetString(listed.Json.Span));
    }

    [Theory]
    [InlineData("", AimxVerb.Send)]
    [InlineData("AIMX/1 OK", AimxVerb.MarkRead)]
    [InlineData("AIMX/1 OK junk\n", AimxVerb.MarkRead)]
    [InlineData("AIMX/1 OK\njunk", AimxVerb.MarkRead)]
    [InlineData("AIMX/1 OK\n", AimxVerb.Send)]
    [InlineData("AIMX/1 OK\nContent-Length: 5\n\n[]", AimxVerb.MailboxList)]
    [InlineData("AIMX/1 ERR NOVEL reason\n", AimxVerb.Send)]
    [InlineData("HTTP/1.1 200 OK\r\n", AimxVerb.Send)]
    public void Violations_AreNoAnswers(string bytes, AimxVerb verb) => Assert.False(AimxAnswer.TryParse(Encoding.UTF8.GetBytes(bytes), verb, out _));
}
