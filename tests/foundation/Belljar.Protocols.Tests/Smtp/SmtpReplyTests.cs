using System.Text;
using Belljar.Protocols.Smtp;

namespace Belljar.Protocols.Tests.Smtp;

public sealed class SmtpReplyTests
{
    [Fact]
    public void Reply_SeveralLines_MarksAllButTheLast()
    {
        var reply = new SmtpReply(250, "2.0.0", "one", "two");
        Assert.Equal("250-2.0.0 one\r\n250 2.0.0 two\r\n", Encoding.ASCII.GetString(reply.Wire));
        Assert.Equal("250 2.0.0 one", reply.ToString());
    }

    [Fact]
    public void Reply_WithLineEndInItsText_CannotForgeALine()
    {
        var reply = new SmtpReply(550, "5.1.1", "no \r\n250 ok ü");
        Assert.Equal("550 5.1.1 no ??250 ok ?\r\n", Encoding.ASCII.GetString(reply.Wire));
    }

    [Fact]
    public void Reply_WithCodesThatDisagree_IsABug()
    {
        Assert.Throws<ArgumentException>(() => new SmtpReply(550, "4.1.1", "x"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SmtpReply(100, null, "x"));
        Assert.Throws<ArgumentException>(() => new SmtpReply(250, null));
    }
}
