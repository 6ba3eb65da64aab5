using System.Text;
using Belljar.Egress.Policy;

namespace Belljar.Egress.Tests.Gate;

/// <summary>Requests that two readers would understand in two ways: refused with 400, the connection closed, and the host never sees one.</summary>
public class FramingCaseTests
{
    public static TheoryData<string, string> Ambiguous() => new()
    {
        { "CL.TE", "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX" },
        { "TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\nX\r\n0\r\n\r\n" },
        { "TE.TE, repeated", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" },
        { "TE.TE, two codings", "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" },
        { "TE.TE, space before the colon", "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" },
        { "TE.TE, tab before the colon", "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n" },
        { "TE.TE, vertical tab", "Transfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n" },
        { "TE.TE, no-break space", "Transfer-Encoding: \u00a0chunked\r\n\r\n0\r\n\r\n" },
        { "TE.TE, another word", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" },
        { "TE.TE, quoted", "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" },
        { "a name that looks like it", "Transfer_Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "duplicate length", "Content-Length: 1\r\nContent-Length: 2\r\n\r\nXX" },
        { "a list of lengths", "Content-Length: 1, 2\r\n\r\nXX" },
        { "negative length", "Content-Length: -1\r\n\r\n" },
        { "signed length", "Content-Length: +3\r\n\r\nXXX" },
        { "hexadecimal length", "Content-Length: 0x3\r\n\r\nXXX" },
        { "a length beyond all", "Content-Length: 99999999999999999999\r\n\r\n" },
        { "bare LF", "X: a\nContent-Length: 0\r\n\r\n" },
        { "bare CR", "X: a\rContent-Length: 0\r\n\r\n" },
        { "NUL", "X: a\0b\r\n\r\n" },
        { "obs-fold", "X: a\r\n b\r\n\r\n" },
        { "obs-fold of the framing", "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" },
        { "a field without a name", ": a\r\n\r\n" },
        { "two hosts", "Host: evil.example\r\n\r\n" },
    };

    public static TheoryData<string, string> AmbiguousChunks() => new()
    {
        { "negative size", "-1\r\nX\r\n0\r\n\r\n" },
        { "signed size", "+1\r\nX\r\n0\r\n\r\n" },
        { "0x", "0x1\r\nX\r\n0\r\n\r\n" },
        { "space before the size", " 1\r\nX\r\n0\r\n\r\n" },
        { "no size", "\r\nX\r\n0\r\n\r\n" },
        { "a size beyond all", "ffffffffffffffffff\r\nX\r\n0\r\n\r\n" },
        { "bare LF", "1\nX\r\n0\r\n\r\n" },
        { "data longer than its size", "1\r\nXY\r\n0\r\n\r\n" },
        { "bare LF in an extension", "1;a\nX\r\n0\r\n\r\n" },
        { "bare CR in an extension", "1;a\rb\r\nX\r\n0\r\n\r\n" },
        { "obs-fold in the trailers", "0\r\nX: a\r\n b\r\n\r\n" },
        { "framing in the trailers", "0\r\nContent-Length: 5\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Ambiguous))]
    public async Task AnAmbiguousHead_IsRefusedAndTheHostIsNotAsked(string what, string fields)
    {
        var seen = new StringBuilder();
        await using var server = TestServer.SecureOk(seen: head => seen.Append(head));
        await using var gate = TestGate.For(server);

        var plain = await gate.SendAsync($"POST http://api.example/ HTTP/1.1\r\nHost: api.example\r\n{fields}", "POST");
        var inside = await gate.SendSecurelyAsync($"POST / HTTP/1.1\r\nHost: api.example\r\n{fields}", "POST");

        Assert.True((plain.Status, inside.Status) is (400 or 501, 400 or 501), $"{what}: {plain.Status}, {inside.Status}");
        Assert.True(plain.Closes && inside.Closes, what);
        Assert.Equal("", seen.ToString());
    }

    [Theory]
    [MemberData(nameof(AmbiguousChunks))]
    public async Task AnAmbiguousBody_IsRefusedAndTheHostGetsNothing(string what, string body)
    {
        var seen = new StringBuilder();
        await using var server = TestServer.SecureOk(seen: head => seen.Append(head));
        await using var gate = TestGate.For(server);

        var response = await gate.SendSecurelyAsync($"POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n{body}", "POST");

        Assert.True(response is { Status: 400 } && response.Closes, $"{what}: {response.Status} {response.Body}");
        Assert.Equal("", seen.ToString());
    }

    [Fact]
    public async Task ChunkExtensions_AreNotPassedOn()
    {
        var got = new TaskCompletionSource<string>();
        await using var server = TestServer.Secure(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            got.SetResult(await TestServer.ReadExactlyAsync(stream, "5\r\nhello\r\n0\r\n\r\n".Length));
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        });
        await using var gate = TestGate.For(server);

        var response = await gate.SendSecurelyAsync("POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b;c=\"d\"\r\nhello\r\n0;e\r\n\r\n", "POST");

        Assert.Equal(200, response.Status);
        Assert.Equal("5\r\nhello\r\n0\r\n\r\n", await got.Task);
    }

    /// <summary>A field that is named by Connection is dropped; what the gate adds is not.</summary>
    [Theory]
    [InlineData("Connection: close, Authorization")]
    [InlineData("Connection: authorization\r\nAuthorization: Bearer theirs")]
    [InlineData("Connection: x-api-key, Authorization, Host, Content-Length")]
    public async Task HopByHop_DoesNotTakeTheCredentialAway(string fields)
    {
        var seen = new TaskCompletionSource<string>();
        await using var server = TestServer.SecureOk(seen: head => seen.TrySetResult(head));
        var auth = new RouteAuth(AuthScheme.Bearer, new CredentialReference(CredentialReference.Variable, ["A"]));
        await using var gate = new TestGate(
            new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example") with { Auth = auth }]),
            secrets: TestGate.Secrets with { Credentials = [new Egress.Secrets.Credential(auth.Value.Name, "r3al-s3cret-value-1", "placeholder-0123456789")] }).Leading(server);

        var response = await gate.SendSecurelyAsync($"GET / HTTP/1.1\r\nHost: api.example\r\n{fields}\r\n\r\n");

        Assert.Equal(200, response.Status);
        Assert.Contains("Authorization: Bearer r3al-s3cret-value-1\r\n", await seen.Task);
        Assert.DoesNotContain("theirs", await seen.Task);
    }
}
