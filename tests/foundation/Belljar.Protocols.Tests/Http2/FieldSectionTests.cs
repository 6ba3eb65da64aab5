using System.Buffers;
using System.Text;
using Belljar.Protocols.Http1;
using Belljar.Protocols.Http2;

namespace Belljar.Protocols.Tests.Http2;

/// <summary>What a section means, said in HTTP/1.1; what is refused stands in the tests of the gate.</summary>
public class FieldSectionTests
{
    [Theory]
    [InlineData(":method=GET|:scheme=https|:authority=a.example|:path=/x?y|b=c", true, "GET /x?y HTTP/1.1\r\nhost: a.example\r\nb: c\r\n\r\n")]
    [InlineData(":method=POST|:scheme=https|:authority=a.example:8443|:path=/", false, "POST / HTTP/1.1\r\nhost: a.example:8443\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData(":method=POST|:scheme=https|:authority=a.example|:path=/|content-length=7", false, "POST / HTTP/1.1\r\nhost: a.example\r\nContent-Length: 7\r\n\r\n")]
    [InlineData(":method=POST|:scheme=https|:authority=a.example|:path=/", true, "POST / HTTP/1.1\r\nhost: a.example\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(":method=GET|:scheme=https|:path=/|host=a.example|te=trailers", true, "GET / HTTP/1.1\r\nhost: a.example\r\n\r\n")]
    [InlineData(":method=GET|:scheme=https|:authority=a.example|:path=/|cookie=a=b|x=y|cookie=c=d", true, "GET / HTTP/1.1\r\nhost: a.example\r\nx: y\r\ncookie: a=b; c=d\r\n\r\n")]
    [InlineData(":method=OPTIONS|:scheme=https|:authority=a.example|:path=*", true, "OPTIONS * HTTP/1.1\r\nhost: a.example\r\n\r\n")]
    [InlineData(":method=CONNECT|:authority=a.example:443", false, "CONNECT a.example:443 HTTP/1.1\r\nhost: a.example:443\r\nconnection: close\r\n\r\n")]
    public void ARequest_IsSaidInHttp1(string fields, bool isWhole, string head)
    {
        var output = new ArrayBufferWriter<byte>();

        Assert.Equal(Http2Refusal.None, new RequestFields().Read(Section(fields), isWhole, output));

        Assert.Equal(head, Encoding.Latin1.GetString(output.WrittenSpan));
        var read = new RequestHead(Http1Limits.Default);
        Assert.Equal(HeadStatus.Complete, read.Read(output.WrittenSpan, out _));
    }

    /// <summary>Whatever the fields hold: what passes is one head for the core of HTTP/1.1, and nothing behind it.</summary>
    [Fact]
    public void AnyRequest_IsRefused_OrExactlyOneHead()
    {
        var random = new Random(9113);
        const string Octets = "aB:/\r\n\t \0?#%20;,=\u00e9{}GETx";
        var passed = 0;
        for (var i = 0; i < 30_000; i++)
        {
            var section = new FieldSection(Http1Limits.Default);
            Add(section, ":method", Mutate("GET", 0.02));
            Add(section, ":scheme", Mutate("https", 0.02));
            Add(section, ":authority", Mutate("a.example", 0.05));
            Add(section, ":path", Mutate("/some/path", 0.1));
            Add(section, Mutate("name", 0.1), Mutate("value", 0.1));
            var output = new ArrayBufferWriter<byte>();
            if (new RequestFields().Read(section, isWhole: true, output) is not Http2Refusal.None)
            {
                continue;
            }

            passed++;
            var head = new RequestHead(Http1Limits.Default);
            if (head.Read(output.WrittenSpan, out var consumed) is HeadStatus.Complete)
            {
                Assert.Equal(output.WrittenCount, consumed);
                Assert.Equal(2, head.Fields.Count);
            }
        }

        Assert.InRange(passed, 1, 29_999);

        string Mutate(string text, double chance) => string.Concat(text.Select(c => random.NextDouble() < chance ? Octets[random.Next(Octets.Length)] : c));
    }

    [Theory]
    [InlineData(":status=200|x=y|content-length=3", "GET", false, "HTTP/1.1 200 \r\nx: y\r\nContent-Length: 3\r\n\r\n")]
    [InlineData(":status=200", "GET", false, "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData(":status=200|grpc-status=5", "POST", true, "HTTP/1.1 200 \r\ngrpc-status: 5\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(":status=200|content-length=9", "HEAD", true, "HTTP/1.1 200 \r\nContent-Length: 9\r\n\r\n")]
    [InlineData(":status=204", "GET", true, "HTTP/1.1 204 \r\n\r\n")]
    [InlineData(":status=103|link=x", "GET", false, "HTTP/1.1 103 \r\nlink: x\r\n\r\n")]
    public void AResponse_IsSaidInHttp1(string fields, string method, bool isWhole, string head)
    {
        var output = new ArrayBufferWriter<byte>();

        Assert.Equal(Http2Refusal.None, ResponseFields.Read(Section(fields), method, isWhole, output, out _, out _));

        Assert.Equal(head, Encoding.Latin1.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData("x=y", Http2Refusal.PseudoHeaderMissing)]
    [InlineData(":status=20", Http2Refusal.StatusMalformed)]
    [InlineData(":status=101", Http2Refusal.StatusMalformed)]
    [InlineData(":status=999", Http2Refusal.StatusMalformed)]
    [InlineData(":status=200|:status=200", Http2Refusal.PseudoHeaderUnknown)]
    [InlineData(":status=200|X=y", Http2Refusal.FieldNameNotLowerCase)]
    [InlineData(":status=200|x=a\r\nb: c", Http2Refusal.FieldValueMalformed)]
    [InlineData(":status=200|transfer-encoding=chunked", Http2Refusal.FieldOfConnection)]
    [InlineData(":status=200|content-length=1|content-length=1", Http2Refusal.LengthMalformed)]
    [InlineData(":status=200|content-length=1", Http2Refusal.LengthWrong)]
    public void AMalformedResponse_IsRefused(string fields, Http2Refusal refusal)
        => Assert.Equal(refusal, ResponseFields.Read(Section(fields), "GET", isWhole: true, new ArrayBufferWriter<byte>(), out _, out _));

    private static FieldSection Section(string fields)
    {
        var section = new FieldSection(Http1Limits.Default);
        foreach (var field in fields.Split('|'))
        {
            var at = field.IndexOf('=');
            Add(section, field[..at], field[(at + 1)..]);
        }

        return section;
    }

    private static void Add(FieldSection section, string name, string value)
        => section.Add(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value));
}
