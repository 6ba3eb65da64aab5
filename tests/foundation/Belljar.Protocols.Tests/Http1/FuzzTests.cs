using System.Text;
using Belljar.Protocols.Http1;
using Belljar.Protocols.Tls;
using Belljar.Testing;

namespace Belljar.Protocols.Tests.Http1;

/// <summary>What comes from inside is hostile: whatever it is, it is understood in one way, however it arrives.</summary>
public class FuzzTests
{
    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "\r\n", "\n", "\r", "\0", " ", "\t", "\u000b", "\u00a0", ":", ",", ";", "Content-Length: 5\r\n", "Content-Length: +3\r\n", "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding : chunked\r\n", "Transfer-Encoding: chunked, identity\r\n", "Connection: close, X\r\n", "Host: b\r\n", "Expect: 100-continue\r\n", "HTTP/1.1", "HTTP/1.0",
            "CONNECT a:443 ", "http://a/", "%2f", "%2e%2e", "../", "//", "0\r\n\r\n", "5\r\n", "ffffffffffffffff\r\n", "Upgrade: websocket\r\n",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    [Fact]
    public void Requests_AreUnderstoodInOneWay()
    {
        byte[][] samples =
        [
            "GET /a/b?c=d HTTP/1.1\r\nHost: a.example\r\nUser-Agent: x\r\n\r\n"u8.ToArray(),
            "POST http://a.example/x HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n0\r\nX: 1\r\n\r\n"u8.ToArray(),
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(),
        ];

        Assert.NotEqual(0, Fuzz.Run(samples, Words, IsUnderstoodInOneWay, name: "http/1"));
    }

    [Fact]
    public void Connects_AreUnderstoodInOneWay_AndNameOneHost()
    {
        byte[][] samples =
        [
            "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nProxy-Connection: keep-alive\r\n\r\n"u8.ToArray(),
            "CONNECT [fd00::1]:8443 HTTP/1.1\r\nHost: [fd00::1]:8443\r\n\r\n"u8.ToArray(),
            "CONNECT a.example:443 HTTP/1.0\r\n\r\n"u8.ToArray(),
        ];

        var tried = Fuzz.Run(
            samples,
            [.. Words, "[::ffff:127.0.0.1]"u8.ToArray(), "0x7f.1"u8.ToArray(), ":22"u8.ToArray(), "a.example."u8.ToArray(), "@"u8.ToArray(), "Host: 127.0.0.1:17480\r\n"u8.ToArray()],
            input =>
            {
                IsUnderstoodInOneWay(input);
                var head = new RequestHead(Http1Limits.Default with { Proxy = new Authority("127.0.0.1", 17480) });
                if (head.Read(input, out _) is HeadStatus.Complete && head.IsConnect)
                {
                    Assert.InRange(head.Target.Authority.Port!.Value, 1, 65535);
                    Assert.False(head.Framing.HasBody);
                    Assert.True(head.Host is not { } host || host.Host == head.Target.Authority.Host || host == new Authority("127.0.0.1", 17480), $"{head.Host}");
                }
            },
            name: "connect");
        Assert.NotEqual(0, tried);
    }

    [Fact]
    public void ClientHellos_NeverThrow_AndMoreBytesNeverChangeAnAnswer()
    {
        byte[] hello =
        [
            0x16, 3, 1, 0, 74, 1, 0, 0, 70, 3, 3, .. new byte[32], 0, 0, 2, 0x13, 1, 1, 0, 0, 27,
            0, 0, 0, 14, 0, 12, 0, 0, 9, .. "a.example"u8, 0, 16, 0, 5, 0, 3, 2, .. "h2"u8,
        ];

        Fuzz.Run([hello], [[0x16, 3, 3], [0, 0], [0xff, 0xff], [0, 16], [1, 0, 0, 70]], input =>
        {
            var whole = ClientHello.Read(input, out _);
            for (var length = 0; length < input.Length && length < 200; length++)
            {
                var part = ClientHello.Read(input.AsSpan(0, length), out _);
                Assert.True(part is ClientHelloStatus.Incomplete || part == whole, $"{part} after {length} bytes, {whole} in the end");
            }
        }, name: "client hello");
    }

    private static void IsUnderstoodInOneWay(byte[] input)
    {
        var whole = Read(input, input.Length + 1);
        Assert.Equal(whole, Read(input, 1));
        Assert.Equal(whole, Read(input, 7));
    }

    /// <summary>All that would be believed of a connection's bytes, as text.</summary>
    private static string Read(byte[] input, int size)
    {
        var head = new RequestHead(Http1Limits.Default);
        var body = new BodyReader(Http1Limits.Default);
        var text = new StringBuilder();
        var isInBody = false;
        foreach (var part in input.Chunk(size))
        {
            ReadOnlySpan<byte> rest = part;
            while (!rest.IsEmpty)
            {
                if (!isInBody)
                {
                    var status = head.Read(rest, out var consumed);
                    rest = rest[consumed..];
                    if (status is HeadStatus.Refused)
                    {
                        return text.Append(head.Refusal).ToString();
                    }

                    if (status is HeadStatus.Complete)
                    {
                        text.Append(head.Method).Append(' ').Append(head.Target).Append(' ').Append(head.Host).Append(' ').Append(head.Framing).Append('\n');
                        body.Start(head.Framing);
                        isInBody = head.Framing.HasBody;
                        head.Reset();
                    }

                    continue;
                }

                var found = body.Read(rest, out var taken, out var data);
                text.Append(Encoding.Latin1.GetString(data));
                rest = rest[taken..];
                if (found is BodyStatus.Refused)
                {
                    return text.Append(body.Refusal).ToString();
                }

                isInBody = !body.IsComplete;
            }
        }

        return text.ToString();
    }
}
