using System.Text;
using Belljar.Protocols.Http1;

namespace Belljar.Protocols.Tests.Http1;

public class RequestHeadTests
{
    /// <summary>Each line: what arrives (with \r\n written out where it matters) and the name of the refusal.</summary>
    public static readonly TheoryData<string, Http1Refusal> Refused = new()
    {
        // Lines
        { "GET / HTTP/1.1\nHost: a\r\n\r\n", Http1Refusal.BareLf },
        { "GET / HTTP/1.1\r\nHost: a\n\r\n", Http1Refusal.BareLf },
        { "GET / HTTP/1.1\r\nHost: a\r\n\n", Http1Refusal.BareLf },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: b\rTransfer-Encoding: chunked\r\n\r\n", Http1Refusal.BareCr },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\r\n\r\n", Http1Refusal.BareCr },
        { "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", Http1Refusal.BareCr },
        { "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", Http1Refusal.ControlByte },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: \u0001\r\n\r\n", Http1Refusal.ControlByte },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: \u007f\r\n\r\n", Http1Refusal.ControlByte },
        { "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Http1Refusal.EmptyStartLine },
        { "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Http1Refusal.EmptyStartLine },

        // Start line
        { " GET / HTTP/1.1\r\n", Http1Refusal.StartLineMalformed },
        { "\u0016\u0003\u0001", Http1Refusal.StartLineMalformed },
        { "\u0005\u0001\0", Http1Refusal.StartLineMalformed },
        { "GET\r\n", Http1Refusal.StartLineMalformed },
        { "GET /\r\n", Http1Refusal.StartLineMalformed },
        { "GET  / HTTP/1.1\r\n", Http1Refusal.TargetMalformed },
        { "GET /  HTTP/1.1\r\n", Http1Refusal.TargetMalformed },
        { "GET /a b HTTP/1.1\r\n", Http1Refusal.TargetMalformed },
        { "GET / HTTP/1.1 \r\n", Http1Refusal.StartLineMalformed },
        { "GET / HTTP/1.1\t\r\n", Http1Refusal.VersionNotSupported },
        { "GET\t/\tHTTP/1.1\r\n", Http1Refusal.StartLineMalformed },
        { "G(T / HTTP/1.1\r\n", Http1Refusal.MethodMalformed },
        { new string('A', 41) + " / HTTP/1.1\r\n", Http1Refusal.MethodMalformed },
        { "GET / HTTP/2.0\r\n", Http1Refusal.VersionNotSupported },
        { "GET / HTTP/1.2\r\n", Http1Refusal.VersionNotSupported },
        { "GET / HTTP/0.9\r\n", Http1Refusal.VersionNotSupported },
        { "GET / http/1.1\r\n", Http1Refusal.StartLineMalformed },
        { "GET /\u00e9 HTTP/1.1\r\n", Http1Refusal.TargetMalformed },
        { "GET /a\\b HTTP/1.1\r\n", Http1Refusal.TargetMalformed },
        { "GET /\"a\" HTTP/1.1\r\n", Http1Refusal.TargetMalformed },
        { "GET /#x HTTP/1.1\r\n", Http1Refusal.TargetFragment },
        { "GET a HTTP/1.1\r\n", Http1Refusal.TargetFormWrong },
        { "GET * HTTP/1.1\r\n", Http1Refusal.TargetFormWrong },
        { "GET a:443 HTTP/1.1\r\n", Http1Refusal.TargetFormWrong },
        { "GET ftp://a/ HTTP/1.1\r\n", Http1Refusal.TargetScheme },
        { "GET file:///etc/passwd HTTP/1.1\r\n", Http1Refusal.TargetScheme },
        { "GET http://u:p@a/ HTTP/1.1\r\n", Http1Refusal.TargetUserInfo },
        { "GET http://a@b/ HTTP/1.1\r\n", Http1Refusal.TargetUserInfo },
        { "GET http:///x HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "GET http://a:/ HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "GET http://a:080/ HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "GET http://a:0/ HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "GET http://a:65536/ HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "GET http://a:-1/ HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "GET http://a..b/ HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "GET http://.a/ HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "GET http://a%2eb/ HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "GET http://[::1/ HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "GET http://[::1%25lo]/ HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "GET http://[127.0.0.1]/ HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "GET http://::1/ HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "CONNECT a HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "CONNECT a: HTTP/1.1\r\n", Http1Refusal.AuthorityMalformed },
        { "CONNECT / HTTP/1.1\r\n", Http1Refusal.TargetFormWrong },
        { "CONNECT http://a:443 HTTP/1.1\r\n", Http1Refusal.TargetFormWrong },
        { "CONNECT u@a:443 HTTP/1.1\r\n", Http1Refusal.TargetUserInfo },

        // Field lines
        { "GET / HTTP/1.1\r\n Host: a\r\n\r\n", Http1Refusal.ObsoleteFolding },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", Http1Refusal.ObsoleteFolding },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc\r\n\r\n", Http1Refusal.ObsoleteFolding },
        { "GET / HTTP/1.1\r\nHost : a\r\n\r\n", Http1Refusal.SpaceBeforeColon },
        { "GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", Http1Refusal.SpaceBeforeColon },
        { "GET / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n", Http1Refusal.SpaceBeforeColon },
        { "GET / HTTP/1.1\r\nHost\r\n\r\n", Http1Refusal.FieldNameMalformed },
        { "GET / HTTP/1.1\r\n: a\r\n\r\n", Http1Refusal.FieldNameMalformed },
        { "GET / HTTP/1.1\r\nX Y: a\r\n\r\n", Http1Refusal.FieldNameMalformed },
        { "GET / HTTP/1.1\r\nX\u00e9: a\r\n\r\n", Http1Refusal.FieldNameMalformed },
        { "GET / HTTP/1.1\r\nContent_Length: 5\r\n\r\n", Http1Refusal.FieldLookalike },
        { "GET / HTTP/1.1\r\nTransfer_Encoding: chunked\r\n\r\n", Http1Refusal.FieldLookalike },

        // Host
        { "GET / HTTP/1.1\r\n\r\n", Http1Refusal.HostMissing },
        { "GET http://a/ HTTP/1.1\r\n\r\n", Http1Refusal.HostMissing },
        { "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", Http1Refusal.HostRepeated },
        { "GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n", Http1Refusal.HostRepeated },
        { "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", Http1Refusal.HostRepeated },
        { "GET / HTTP/1.1\r\nHost:\r\n\r\n", Http1Refusal.HostMalformed },
        { "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", Http1Refusal.HostMalformed },
        { "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", Http1Refusal.HostMalformed },
        { "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", Http1Refusal.HostMalformed },
        { "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", Http1Refusal.HostMalformed },
        { "GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n", Http1Refusal.HostMalformed },
        { "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", Http1Refusal.HostDisagrees },
        { "GET http://a/ HTTP/1.1\r\nHost: a:81\r\n\r\n", Http1Refusal.HostDisagrees },
        { "GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n", Http1Refusal.HostDisagrees },
        { "GET https://a/ HTTP/1.1\r\nHost: a:80\r\n\r\n", Http1Refusal.HostDisagrees },
        { "GET http://a/ HTTP/1.1\r\nHost: a.\r\n\r\n", Http1Refusal.HostDisagrees },
        { "CONNECT a:443 HTTP/1.1\r\nHost: b:443\r\n\r\n", Http1Refusal.HostDisagrees },
        { "CONNECT a:443 HTTP/1.1\r\nHost: a:80\r\n\r\n", Http1Refusal.HostDisagrees },

        // Framing
        { Post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), Http1Refusal.LengthAndTransferEncoding },
        { Post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), Http1Refusal.LengthAndTransferEncoding },
        { Post("Content-Length: 5\r\nContent-Length: 5\r\n"), Http1Refusal.LengthRepeated },
        { Post("Content-Length: 5\r\nContent-Length: 6\r\n"), Http1Refusal.LengthRepeated },
        { Post("Content-Length: 5, 5\r\n"), Http1Refusal.LengthRepeated },
        { Post("Content-Length: -1\r\n"), Http1Refusal.LengthMalformed },
        { Post("Content-Length: +3\r\n"), Http1Refusal.LengthMalformed },
        { Post("Content-Length: 0x5\r\n"), Http1Refusal.LengthMalformed },
        { Post("Content-Length: 5 \t5\r\n"), Http1Refusal.LengthMalformed },
        { Post("Content-Length: 05\r\n"), Http1Refusal.LengthMalformed },
        { Post("Content-Length: 5.0\r\n"), Http1Refusal.LengthMalformed },
        { Post("Content-Length: \r\n"), Http1Refusal.LengthMalformed },
        { Post("Content-Length: \u00b2\r\n"), Http1Refusal.LengthMalformed },
        { Post("Content-Length: 9223372036854775808\r\n"), Http1Refusal.LengthMalformed },
        { Post("Content-Length: 18446744073709551621\r\n"), Http1Refusal.LengthMalformed },
        { Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), Http1Refusal.TransferEncodingRepeated },
        { Post("Transfer-Encoding: chunked, identity\r\n"), Http1Refusal.TransferEncodingUnknown },
        { Post("Transfer-Encoding: identity\r\n"), Http1Refusal.TransferEncodingUnknown },
        { Post("Transfer-Encoding: gzip, chunked\r\n"), Http1Refusal.TransferEncodingUnknown },
        { Post("Transfer-Encoding: xchunked\r\n"), Http1Refusal.TransferEncodingUnknown },
        { Post("Transfer-Encoding: \"chunked\"\r\n"), Http1Refusal.TransferEncodingUnknown },
        { Post("Transfer-Encoding: Chunked\r\n"), Http1Refusal.TransferEncodingUnknown },
        { Post("Transfer-Encoding: chunked;q=1\r\n"), Http1Refusal.TransferEncodingUnknown },
        { Post("Transfer-Encoding:\r\n"), Http1Refusal.TransferEncodingUnknown },
        { Post("Transfer-Encoding: \u000bchunked\r\n"), Http1Refusal.ControlByte },
        { "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", Http1Refusal.TransferEncodingInHttp10 },
        { "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nContent-Length: 5\r\n\r\n", Http1Refusal.BodyInConnect },
        { "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nTransfer-Encoding: chunked\r\n\r\n", Http1Refusal.BodyInConnect },

        // Other fields
        { Post("Connection: a b\r\n"), Http1Refusal.ConnectionMalformed },
        { Post("Connection: close,,\r\n"), Http1Refusal.ConnectionMalformed },
        { Post("Expect: 200-maybe\r\n"), Http1Refusal.ExpectationUnknown },
        { Post("Expect: 100-continue\r\nExpect: 100-continue\r\n"), Http1Refusal.ExpectationUnknown },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Read_WhatIsAmbiguous_IsRefusedByName(string text, Http1Refusal refusal)
    {
        var head = new RequestHead(Http1Limits.Default);

        Assert.Equal(HeadStatus.Refused, head.Read(Encoding.Latin1.GetBytes(text), out _));
        Assert.Equal(refusal, head.Refusal);
        Assert.InRange(head.Refusal.Status(), 400, 505);
        Assert.NotEqual("the message is malformed", head.Refusal.Describe());
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Read_WhatIsAmbiguousByteForByte_IsRefusedByTheSameName(string text, Http1Refusal refusal)
    {
        var head = new RequestHead(Http1Limits.Default);
        var status = HeadStatus.Incomplete;
        foreach (var octet in Encoding.Latin1.GetBytes(text))
        {
            status = head.Read([octet], out _);
            if (status is not HeadStatus.Incomplete)
            {
                break;
            }
        }

        Assert.Equal((HeadStatus.Refused, refusal), (status, head.Refusal));
    }

    [Fact]
    public void Read_CutAtEveryByte_IsIncompleteAndThenTheSame()
    {
        var whole = "POST http://A.example:8080/x?y=1 HTTP/1.1\r\nHost: a.EXAMPLE:8080\r\nX-Two:  b c \t\r\nContent-Length: 3\r\n\r\nabcGET"u8.ToArray();
        for (var cut = 0; cut <= whole.Length - 6; cut++)
        {
            var head = new RequestHead(Http1Limits.Default);
            var first = head.Read(whole.AsSpan(0, cut), out var consumed);
            Assert.Equal(cut, consumed);
            if (first is HeadStatus.Incomplete)
            {
                Assert.Equal(HeadStatus.Complete, head.Read(whole.AsSpan(cut), out var more));
                consumed += more;
            }

            Assert.Equal(whole.Length - 6, consumed);
            Assert.Equal(("POST", "a.example", 8080, "/x?y=1"),
                (head.Method, head.Target.Authority.Host, head.Target.Authority.Port, head.Target.PathAndQuery));
            Assert.Equal(BodyFraming.Of(3), head.Framing);
            Assert.True(head.Fields.TryGet("x-two"u8, out var field));
            Assert.Equal("b c", Encoding.ASCII.GetString(field.Value));
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", TargetForm.Origin, "/")]
    [InlineData("GET //x/../y?q HTTP/1.1\r\nHost: a\r\n\r\n", TargetForm.Origin, "//x/../y?q")]
    [InlineData("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", TargetForm.Absolute, "/")]
    [InlineData("GET http://a?x=1 HTTP/1.1\r\nHost: a:80\r\n\r\n", TargetForm.Absolute, "/?x=1")]
    [InlineData("GET HTTP://[::1]:8080/ HTTP/1.1\r\nHost: [0:0::1]:8080\r\n\r\n", TargetForm.Absolute, "/")]
    [InlineData("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", TargetForm.Authority, "")]
    [InlineData("CONNECT a:443 HTTP/1.0\r\n\r\n", TargetForm.Authority, "")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", TargetForm.Asterisk, "*")]
    [InlineData("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nContent-Length: 0\r\n\r\n", TargetForm.Authority, "")]
    public void Read_TheFourForms_AreTold(string text, TargetForm form, string path)
    {
        var head = Read(text);

        Assert.Equal((form, path), (head.Target.Form, head.Target.PathAndQuery));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("Connection: close\r\n", false)]
    [InlineData("Connection: x, Close\r\n", false)]
    [InlineData("Connection: keep-alive\r\n", true)]
    public void IsKeepAlive_FollowsConnection(string field, bool isKeepAlive)
        => Assert.Equal(isKeepAlive, Read($"GET / HTTP/1.1\r\nHost: a\r\n{field}\r\n").IsKeepAlive);

    [Theory]
    [InlineData("HTTP/1.1", "Content-Length: 5\r\n", true)]
    [InlineData("HTTP/1.1", "", false)]
    [InlineData("HTTP/1.0", "Content-Length: 5\r\n", false)]
    public void ExpectsContinue_OnlyWithABodyAndInHttp11(string version, string field, bool expects)
        => Assert.Equal(expects, Read($"POST / {version}\r\nHost: a\r\nExpect: 100-Continue\r\n{field}\r\n").ExpectsContinue);

    [Fact]
    public void Drops_WhatConnectionNamesAndWhatIsHopByHop()
    {
        var head = Read("GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Secret, host\r\nx-secret: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
            + "Proxy-Connection: x\r\nProxy-Authorization: y\r\nUpgrade: z\r\nAccept: */*\r\n\r\n");
        var kept = new List<string>();
        foreach (var field in head.Fields)
        {
            if (!head.Connection.Drops(field))
            {
                kept.Add(Encoding.ASCII.GetString(field.Name));
            }
        }

        Assert.Equal(["Accept"], kept);
    }

    [Fact]
    public void Read_OverALimit_IsRefused()
    {
        var limits = new Http1Limits(LongestHead: 200, LongestStartLine: 50, MostFields: 3);
        Assert.Equal(Http1Refusal.StartLineTooLong, Refusal(limits, "GET /" + new string('a', 60)));
        Assert.Equal(Http1Refusal.StartLineTooLong, Refusal(limits, "GET /" + new string('a', 60) + " HTTP/1.1\r\n"));
        Assert.Equal(Http1Refusal.HeadTooLong, Refusal(limits, "GET / HTTP/1.1\r\nHost: a\r\nX: " + new string('a', 200)));
        Assert.Equal(Http1Refusal.TooManyFields, Refusal(limits, "GET / HTTP/1.1\r\nHost: a\r\na:1\r\nb:2\r\nc:3\r\n"));
    }

    [Fact]
    public void Reset_ForgetsTheMessage()
    {
        var head = Read("POST / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nContent-Length: 5\r\n\r\n");
        head.Reset();

        Assert.Equal(HeadStatus.Complete, head.Read("GET /y HTTP/1.1\r\nHost: b\r\n\r\n"u8, out _));
        Assert.Equal(("GET", "b", 1), (head.Method, head.Host!.Value.Host, head.Fields.Count));
        Assert.Equal(BodyFraming.None, head.Framing);
        Assert.True(head.IsKeepAlive);
    }

    [Fact]
    public void Read_Damaged_NeverThrowsAndSaysTheSameForEveryCut()
    {
        var seed = "POST http://a.example/x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 12\r\nConnection: x\r\nExpect: 100-continue\r\n\r\n"u8.ToArray();
        var random = new Random(9112);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = seed.ToArray();
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : " \r\n\t:,;@/[]%.0159aCT\0"u8[random.Next(21)];
            }

            var whole = new RequestHead(Http1Limits.Default);
            var wholeStatus = whole.Read(bytes, out var wholeConsumed);
            var cut = random.Next(bytes.Length);
            var parts = new RequestHead(Http1Limits.Default);
            var status = parts.Read(bytes.AsSpan(0, cut), out var consumed);
            if (status is HeadStatus.Incomplete)
            {
                status = parts.Read(bytes.AsSpan(cut), out var more);
                consumed += more;
            }

            Assert.Equal((wholeStatus, whole.Refusal), (status, parts.Refusal));
            if (wholeStatus is HeadStatus.Complete)
            {
                Assert.Equal((wholeConsumed, whole.Target, whole.Framing), (consumed, parts.Target, parts.Framing));
            }
        }
    }

    private static string Post(string fields) => $"POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n";

    private static RequestHead Read(string text)
    {
        var head = new RequestHead(Http1Limits.Default);
        Assert.Equal(HeadStatus.Complete, head.Read(Encoding.Latin1.GetBytes(text), out var consumed));
        Assert.Equal(text.Length, consumed);
        return head;
    }

    private static Http1Refusal Refusal(Http1Limits limits, string text)
    {
        var head = new RequestHead(limits);
        head.Read(Encoding.Latin1.GetBytes(text), out _);
        return head.Refusal;
    }
}
