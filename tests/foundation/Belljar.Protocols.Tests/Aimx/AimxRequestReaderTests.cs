using System.Text;
using Belljar.Protocols.Aimx;
using Belljar.Testing;

namespace Belljar.Protocols.Tests.Aimx;

public sealed class AimxRequestReaderTests
{
    [Fact]
    public void Send_WithItsFields_IsComplete()
    {
        var (reader, rest) = Read("AIMX/1 SEND\nContent-Length: 5\nHtml-Body-Length: 3\nWait: true\nIdempotency-Key: k 1\n\nhello<b>");

        var request = reader.Request!;
        Assert.Equal(AimxVerb.Send, request.Verb);
        Assert.Equal((5, 3, 8), (request.ContentLength, request.HtmlLength, request.BodyLength));
        Assert.True(request.Says(AimxField.Wait));
        Assert.Equal("k 1", request[AimxField.IdempotencyKey]);
        Assert.Equal("hello<b>", rest);
    }

    [Theory]
    [InlineData("AIMX/1 SEND\nContent-Length: 0\n\n", AimxVerb.Send)]
    [InlineData("AIMX/1 MARK-READ\nMailbox: agent\nId: 2026-01-01-000000-x\n\n", AimxVerb.MarkRead)]
    [InlineData("AIMX/1 MARK-UNREAD\r\nmailbox:agent\r\nID:  x \r\nFOLDER:sent\r\nContent-Length: 0\r\n\r\n", AimxVerb.MarkUnread)]
    [InlineData("AIMX/1 LABEL\nMailbox: a\nId: x\nLabels: one, two\n\n", AimxVerb.Label)]
    [InlineData("AIMX/1 LABEL\nMailbox: a\nId: x\nLabels:\n\n", AimxVerb.Label)]
    [InlineData("AIMX/1 MOVE\nMailbox: a\nId: x\nTo: archive\n\n", AimxVerb.Move)]
    [InlineData("AIMX/1 DELETE\nMailbox: a\nId: x\n\n", AimxVerb.Delete)]
    [InlineData("AIMX/1 MAILBOX-CREATE\nName: a\nOwner: root\n\n", AimxVerb.MailboxCreate)]
    [InlineData("AIMX/1 MAILBOX-DELETE\nName: a\nForce: true\n\n", AimxVerb.MailboxDelete)]
    [InlineData("AIMX/1 MAILBOX-LIST\n\n", AimxVerb.MailboxList)]
    [InlineData("AIMX/1 HOOK-CREATE\nMailbox: a\nEvent: on_receive\nName: n\nContent-Length: 2\n\n{}", AimxVerb.HookCreate)]
    [InlineData("AIMX/1 HOOK-DELETE\nMailbox: a\nName: n\n\n", AimxVerb.HookDelete)]
    [InlineData("AIMX/1 HOOK-LIST\n\n", AimxVerb.HookList)]
    [InlineData("AIMX/1 VERSION\nX-Unknown: 1\nX-Unknown: 2\nFrom-Mailbox: a\nFrom-Mailbox: b\n\n", AimxVerb.Version)]
    public void EveryVerb_IsRead(string frame, AimxVerb verb) => Assert.Equal(verb, Read(frame).Reader.Request!.Verb);

    [Theory]
    [InlineData("GET / HTTP/1.1\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/2 SEND\n", AimxErrorCode.Malformed)]
    [InlineData("aimx/1 SEND\n", AimxErrorCode.Malformed)]
    [InlineData("\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 FROBNICATE\n", AimxErrorCode.Protocol)]
    [InlineData("AIMX/1 send\n", AimxErrorCode.Protocol)]
    [InlineData("AIMX/1  SEND\n", AimxErrorCode.Protocol)]
    [InlineData("AIMX/1 \n", AimxErrorCode.Protocol)]
    [InlineData("AIMX/1 SEND\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 SEND\nContent-Length: -1\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 SEND\nContent-Length: +1\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 SEND\nContent-Length: 1 1\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 SEND\nContent-Length: 0x10\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 SEND\nContent-Length: ٣\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 SEND\nContent-Length: 1\ncontent-length: 1\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 SEND\nContent-Length: 26214401\n\n", AimxErrorCode.BodyTooLarge)]
    [InlineData("AIMX/1 SEND\nContent-Length: 99999999999999999999\n\n", AimxErrorCode.BodyTooLarge)]
    [InlineData("AIMX/1 SEND\nContent-Length: 26214400\nHtml-Body-Length: 1\n\n", AimxErrorCode.BodyTooLarge)]
    [InlineData("AIMX/1 SEND\nContent-Length: 1\nHtml-Body-Length: 1\nText-Only: true\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 SEND\nContent-Length: 1\nWait: yes\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 MARK-READ\nMailbox: a\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 MARK-READ\nMailbox: a\nId:\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 MARK-READ\nMailbox: a\nId: x\nFolder: trash\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 MARK-READ\nMailbox: a\nId: x\nContent-Length: 1\n\nx", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 MARK-READ\nMailbox: a\nId: x\nHtml-Body-Length: 0\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 HOOK-CREATE\nMailbox: a\nEvent: sometimes\nContent-Length: 2\n\n{}", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 VERSION\nno colon\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 VERSION\n: x\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 VERSION\nÄ: x\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 VERSION\nName : x\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 VERSION\nA: b\rc\n\n", AimxErrorCode.Malformed)]
    [InlineData("AIMX/1 VERSION\nA: b\0c\n\n", AimxErrorCode.Malformed)]
    public void Mistake_GetsItsCode(string frame, AimxErrorCode code)
    {
        var (reader, _) = Read(frame);

        Assert.Equal(code, reader.Error!.Code);
        Assert.Null(reader.Request);
    }

    [Fact]
    public void Line_Of8192Octets_IsTheLongest()
    {
        var longest = $"AIMX/1 VERSION\nX: {new string('x', 8189)}\n\n";

        Assert.NotNull(Read(longest).Reader.Request);
        Assert.Equal(AimxErrorCode.Malformed, Read(longest.Replace("X: ", "X:  ", StringComparison.Ordinal)).Reader.Error!.Code);
    }

    [Fact]
    public void LineWithoutAnEnd_IsRefusedAtItsBound()
    {
        var reader = new AimxRequestReader();

        Assert.Equal(AimxReadStatus.Incomplete, reader.Read(Encoding.ASCII.GetBytes(new string('A', 8192)), out _));
        Assert.Equal(AimxReadStatus.Refused, reader.Read("A"u8, out _));
    }

    [Fact]
    public void FieldsWithoutEnd_AreRefused()
        => Assert.Equal(AimxErrorCode.Malformed, Read("AIMX/1 VERSION\n" + string.Concat(Enumerable.Repeat("X: y\n", 100))).Reader.Error!.Code);

    [Fact]
    public void Answer_IsTheSameHoweverTheBytesAreCut()
    {
        var frame = "AIMX/1 SEND\r\nContent-Length: 5\nText-Only: true\r\n\nhello"u8.ToArray();
        for (var cut = 0; cut <= frame.Length; cut++)
        {
            var reader = new AimxRequestReader();
            var status = reader.Read(frame.AsSpan(0, cut), out var first);
            if (status is AimxReadStatus.Incomplete)
            {
                Assert.Equal(cut, first);
                Assert.Equal(AimxReadStatus.Complete, reader.Read(frame.AsSpan(cut), out var second));
                first += second;
            }

            Assert.Equal("hello", Encoding.ASCII.GetString(frame.AsSpan(first)));
            Assert.True(reader.Request!.Says(AimxField.TextOnly));
        }
    }

    [Fact]
    public void AnyInput_EndsTheSameHoweverItIsCut()
    {
        byte[][] samples =
        [
            "AIMX/1 SEND\nContent-Length: 5\nHtml-Body-Length: 3\nWait: true\n\nhello<b>"u8.ToArray(),
            "AIMX/1 MARK-READ\r\nMailbox: agent\r\nId: x\r\nFolder: sent\r\n\r\n"u8.ToArray(),
        ];
        byte[][] words = [.. new[] { "\n", "\r\n", "\r", ":", "AIMX/1 ", "Content-Length: ", "Mailbox: a\n", "Id: ..\n", "\0", "é" }.Select(Encoding.UTF8.GetBytes)];
        var cuts = new Random(3);
        var tried = Fuzz.Run(samples, words, input =>
        {
            var whole = new AimxRequestReader();
            var status = whole.Read(input, out _);
            var pieces = new AimxRequestReader();
            var piecewise = AimxReadStatus.Incomplete;
            for (var at = 0; at < input.Length && piecewise is AimxReadStatus.Incomplete;)
            {
                var length = Math.Min(cuts.Next(1, 9), input.Length - at);
                piecewise = pieces.Read(input.AsSpan(at, length), out var consumed);
                at += consumed;
            }

            Assert.Equal(status, piecewise);
            Assert.Equal(whole.Error, pieces.Error);
            Assert.Equal(whole.Request?.BodyLength, pieces.Request?.BodyLength);
        });
        Assert.True(tried > 10);
    }

    private static (AimxRequestReader Reader, string Body) Read(string frame)
    {
        var bytes = Encoding.UTF8.GetBytes(frame);
        var reader = new AimxRequestReader();
        reader.Read(bytes, out var consumed);
        return (reader, Encoding.UTF8.GetString(bytes.AsSpan(consumed)));
    }
}
