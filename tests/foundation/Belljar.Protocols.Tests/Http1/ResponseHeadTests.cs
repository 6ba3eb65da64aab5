using System.Text;
using Belljar.Protocols.Http1;

namespace Belljar.Protocols.Tests.Http1;

public class ResponseHeadTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "GET", BodyKind.Length)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "GET", BodyKind.Length)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", "GET", BodyKind.Chunked)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", "GET", BodyKind.UntilClose)]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n", "GET", BodyKind.UntilClose)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD", BodyKind.None)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", "GET", BodyKind.None)]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "GET", BodyKind.None)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n", "POST", BodyKind.None)]
    [InlineData("HTTP/1.1 200\r\n\r\n", "CONNECT", BodyKind.None)]
    public void FramingFor_FollowsRfc9112(string text, string method, BodyKind kind)
    {
        var head = new ResponseHead(Http1Limits.Default);

        Assert.Equal(HeadStatus.Complete, head.Read(Encoding.Latin1.GetBytes(text), out _));
        Assert.Equal(kind, head.FramingFor(method).Kind);
    }

    [Theory]
    [InlineData("ICY 200 OK\r\n", Http1Refusal.StartLineMalformed)]
    [InlineData("HTTP/1.1  200 OK\r\n", Http1Refusal.StatusMalformed)]
    [InlineData("HTTP/1.1 20 OK\r\n", Http1Refusal.StatusMalformed)]
    [InlineData("HTTP/1.1 099 OK\r\n", Http1Refusal.StatusMalformed)]
    [InlineData("HTTP/1.1 600 OK\r\n", Http1Refusal.StatusMalformed)]
    [InlineData("HTTP/1.1 2000 OK\r\n", Http1Refusal.StatusMalformed)]
    [InlineData("HTTP/2 200\r\n", Http1Refusal.VersionNotSupported)]
    [InlineData("HTTP/1.1 200 OK\nX: y\r\n\r\n", Http1Refusal.BareLf)]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", Http1Refusal.ObsoleteFolding)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", Http1Refusal.LengthAndTransferEncoding)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", Http1Refusal.LengthRepeated)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", Http1Refusal.TransferEncodingUnknown)]
    public void Read_WhatIsAmbiguous_IsRefusedByName(string text, Http1Refusal refusal)
    {
        var head = new ResponseHead(Http1Limits.Default);

        Assert.Equal(HeadStatus.Refused, head.Read(Encoding.Latin1.GetBytes(text), out _));
        Assert.Equal(refusal, head.Refusal);
    }

    [Fact]
    public void Read_CutAtEveryByte_IsIncompleteAndThenTheSame()
    {
        var whole = "HTTP/1.1 404 Not here\r\nServer: x\r\nContent-Length: 3\r\n\r\n"u8.ToArray();
        for (var cut = 0; cut < whole.Length; cut++)
        {
            var head = new ResponseHead(Http1Limits.Default);
            Assert.Equal(HeadStatus.Incomplete, head.Read(whole.AsSpan(0, cut), out _));
            Assert.Equal(HeadStatus.Complete, head.Read(whole.AsSpan(cut), out _));
            Assert.Equal((404, "Not here"), (head.Status, Encoding.ASCII.GetString(head.Reason)));
            Assert.Equal(BodyFraming.Of(3), head.Declared);
        }
    }
}
