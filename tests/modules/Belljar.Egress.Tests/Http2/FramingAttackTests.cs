using Belljar.Contracts;
using Belljar.Egress.Policy;
using Belljar.Protocols.Http2;

namespace Belljar.Egress.Tests.Http2;

/// <summary>Requests that HTTP/2 can say and HTTP/1.1 would read differently: none of them reaches a host.</summary>
public class FramingAttackTests(AttackedGate attacked) : IClassFixture<AttackedGate>
{
    private const string Injected = "x\r\n\r\nGET /other HTTP/1.1\r\nHost: api.example";

    /// <summary>The fields of a request that must not pass, and the name of what is wrong with it.</summary>
    public static TheoryData<string, string> Malformed() => new()
    {
        // CR, LF, NUL: each would be a line of its own behind the gate.
        { $":method=GET|:scheme=https|:authority=api.example|:path=/{Injected}", "PathMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/ HTTP/1.1", "PathMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/\0", "PathMalformed" },
        { $":method=GET / HTTP/1.1\r\nHost: b.example\r\n\r\nGET|:scheme=https|:authority=api.example|:path=/", "MethodMalformed" },
        { $":method=GET|:scheme=https|:authority=api.example\r\nX: y|:path=/", "AuthorityMalformed" },
        { $":method=GET|:scheme=https|:authority=api.example|:path=/|x={Injected}", "FieldValueMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|x=a\rb", "FieldValueMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|x=a\nb", "FieldValueMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|x=a\0b", "FieldValueMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|x= a", "FieldValueMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|x=a\t", "FieldValueMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|x: y\r\nz=a", "FieldNameMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|x y=a", "FieldNameMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|=a", "FieldNameMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|x-héader=a", "FieldNameMalformed" },

        // Names
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|X-Upper=a", "FieldNameNotLowerCase" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|Transfer-Encoding=chunked", "FieldNameNotLowerCase" },

        // Fields that belong to a connection
        { ":method=POST|:scheme=https|:authority=api.example|:path=/|transfer-encoding=chunked", "FieldOfConnection" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|connection=authorization", "FieldOfConnection" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|keep-alive=1", "FieldOfConnection" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|proxy-connection=keep-alive", "FieldOfConnection" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|upgrade=websocket", "FieldOfConnection" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|te=gzip", "FieldOfConnection" },

        // Pseudo-headers
        { ":method=GET|:method=POST|:scheme=https|:authority=api.example|:path=/", "PseudoHeaderRepeated" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/a|:path=/b", "PseudoHeaderRepeated" },
        { ":method=GET|:scheme=https|:authority=api.example|:authority=b.example|:path=/", "PseudoHeaderRepeated" },
        { ":method=GET|:scheme=https|:authority=api.example|x=a|:path=/", "PseudoHeaderLate" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|x=a|:path=/b", "PseudoHeaderLate" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|:status=200", "PseudoHeaderUnknown" },
        { ":method=CONNECT|:protocol=websocket|:scheme=https|:authority=api.example|:path=/", "PseudoHeaderUnknown" },
        { ":scheme=https|:authority=api.example|:path=/", "PseudoHeaderMissing" },
        { ":method=GET|:authority=api.example|:path=/", "PseudoHeaderMissing" },
        { ":method=GET|:scheme=https|:path=/", "PseudoHeaderMissing" },
        { ":method=GET|:scheme=https|:authority=api.example", "PseudoHeaderMissing" },
        { ":method=CONNECT|:scheme=https|:authority=api.example:443|:path=/", "PseudoHeaderMissing" },
        { ":method=GET|:scheme=http|:authority=api.example|:path=/", "SchemeMalformed" },
        { ":method=GET|:scheme=https://other.example/?|:authority=api.example|:path=/", "SchemeMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=", "PathMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=other", "PathMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=https://other.example/", "PathMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/#x", "PathMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/a\\b", "PathMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=*", "PathMalformed" },
        { ":method=GET|:scheme=https|:authority=me@api.example|:path=/", "AuthorityMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example/|:path=/", "AuthorityMalformed" },
        { ":method=GET|:scheme=https|:authority=|:path=/", "AuthorityMalformed" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|host=b.example", "AuthorityDisagrees" },

        // Lengths
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|content-length=5", "LengthWrong" },
        { ":method=POST|:scheme=https|:authority=api.example|:path=/|content-length=0|content-length=0", "LengthMalformed" },
        { ":method=POST|:scheme=https|:authority=api.example|:path=/|content-length=+0", "LengthMalformed" },
        { ":method=POST|:scheme=https|:authority=api.example|:path=/|content-length=-1", "LengthMalformed" },
        { ":method=POST|:scheme=https|:authority=api.example|:path=/|content-length=0, 0", "LengthMalformed" },

        // Refused by the core that reads the request again
        { ":method=POST|:scheme=https|:authority=api.example|:path=/|content_length=0", "FieldLookalike" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/|expect=200-ok", "ExpectationUnknown" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/%0d%0a", "PathEncoding" },
        { ":method=GET|:scheme=https|:authority=api.example|:path=/%zz", "PathEncoding" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task AMalformedRequest_ReachesNoHost_AndTheConnectionLivesOn(string fields, string refusal)
    {
        await attacked.ForgetAsync();
        using var client = await RawHttp2.ConnectAsync(attacked.Gate);

        await client.HeadersAsync(1, [.. fields.Split('|').Select(field => (field[..field.IndexOf('=')], field[(field.IndexOf('=') + 1)..]))]);

        var end = await client.EndAsync(1);
        Assert.Equal((refusal == "ExpectationUnknown" ? 417 : 400, true), (end.Status, end.Body.Contains($"malformed:{refusal}")));
        Assert.Equal($"malformed:{refusal}", (await NextDenialAsync(attacked.Gate)).Rule);
        await client.HeadersAsync(3, RawHttp2.Get("/next"));
        Assert.Equal((200, "secure"), await client.EndAsync(3) is var next ? (next.Status, next.Body) : default);
        Assert.StartsWith("GET /next HTTP/1.1\r\n", Assert.Single(attacked.Heads));
    }

    /// <summary>Well-formed, and not what was connected to.</summary>
    [Theory]
    [InlineData("b.example", "host-mismatch")]
    [InlineData("api.example:8443", "host-mismatch")]
    [InlineData("api.example.", "host-mismatch")]
    [InlineData("127.0.0.1", "host-mismatch")]
    public async Task AnotherAuthorityThanTheTunnels_IsDenied(string authority, string rule)
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server, EgressRoute.To("api.example"), EgressRoute.To("b.example"));
        using var client = await RawHttp2.ConnectAsync(gate);

        await client.HeadersAsync(1, [(":method", "GET"), (":scheme", "https"), (":authority", authority), (":path", "/")]);

        var end = await client.EndAsync(1);
        Assert.Equal((403, true), (end.Status, end.Body.Contains(rule)));
    }

    [Fact]
    public async Task ATunnelInATunnel_IsDenied()
    {
        await attacked.ForgetAsync();
        using var client = await RawHttp2.ConnectAsync(attacked.Gate);

        await client.HeadersAsync(1, [(":method", "CONNECT"), (":authority", "api.example:443")], ends: false);

        var end = await client.EndAsync(1);
        Assert.Equal((403, true), (end.Status, end.Body.Contains("tunnel-in-tunnel")));
    }

    [Theory]
    [InlineData("/a/../secret")]
    [InlineData("/a//../secret")]
    [InlineData("/a/%2e%2e/secret")]
    [InlineData("/a/%252e%252e/secret")]
    [InlineData("/a/..;x/secret")]
    [InlineData("/a%2f..%2fsecret")]
    [InlineData("/A/x")]
    public async Task APathThatLeavesItsPrefix_IsDenied(string path)
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server, EgressRoute.To("api.example") with { PathAllowlist = ["/a/"] });
        using var client = await RawHttp2.ConnectAsync(gate);

        await client.HeadersAsync(1, RawHttp2.Get(path));

        Assert.Equal(403, (await client.EndAsync(1)).Status);
    }

    /// <summary>More than was said: the host gets what was said, or nothing; never a second request.</summary>
    [Theory]
    [InlineData("3", "abcGET / HTTP/1.1\r\n\r\n")]
    [InlineData("0", "GET / HTTP/1.1\r\n\r\n")]
    [InlineData("30", "too short")]
    public async Task ABodyOfAnotherLengthThanWasSaid_IsRefused(string length, string body)
    {
        await attacked.ForgetAsync();
        using var client = await RawHttp2.ConnectAsync(attacked.Gate);

        await client.HeadersAsync(1, RawHttp2.Post("/", ("content-length", length)), ends: false);
        await client.DataAsync(1, body, ends: true);

        Assert.Equal(Http2ErrorCode.ProtocolError, (await client.EndAsync(1)).Reset);
        Assert.Equal("malformed:LengthWrong", (await NextDenialAsync(attacked.Gate)).Rule);
    }

    public static TheoryData<string, string, string> Trailers() => new()
    {
        { ":path", "/other", "PseudoHeaderInTrailers" },
        { "x", "a\r\nb", "FieldValueMalformed" },
        { "X", "a", "FieldNameNotLowerCase" },
        { "transfer-encoding", "chunked", "FieldOfConnection" },
    };

    [Theory]
    [MemberData(nameof(Trailers))]
    public async Task MalformedTrailers_EndTheStream(string name, string value, string refusal)
    {
        await attacked.ForgetAsync();
        using var client = await RawHttp2.ConnectAsync(attacked.Gate);

        await client.HeadersAsync(1, RawHttp2.Post(), ends: false);
        await client.DataAsync(1, "abc");
        await client.HeadersAsync(1, [(name, value)]);

        Assert.Equal(Http2ErrorCode.ProtocolError, (await client.EndAsync(1)).Reset);
        Assert.Equal($"malformed:{refusal}", (await NextDenialAsync(attacked.Gate)).Rule);
    }

    [Fact]
    public async Task TrailersThatFrame_AreRefused()
    {
        await attacked.ForgetAsync();
        using var client = await RawHttp2.ConnectAsync(attacked.Gate);

        await client.HeadersAsync(1, RawHttp2.Post(), ends: false);
        await client.DataAsync(1, "abc");
        await client.HeadersAsync(1, [("content-length", "100")]);

        Assert.Equal((400, true), await client.EndAsync(1) is var end ? (end.Status, end.Body.Contains("malformed:TrailerForbidden")) : default);
    }

    [Fact]
    public async Task TrailersInTheMiddle_AreRefused()
    {
        await attacked.ForgetAsync();
        using var client = await RawHttp2.ConnectAsync(attacked.Gate);

        await client.HeadersAsync(1, RawHttp2.Post(), ends: false);
        await client.HeadersAsync(1, [("x", "a")], ends: false);

        Assert.Equal(Http2ErrorCode.ProtocolError, (await client.EndAsync(1)).Reset);
    }

    private static async Task<Contracts.Events.EgressDecision> NextDenialAsync(TestGate gate)
    {
        while (true)
        {
            var decision = await gate.Events.NextAsync();
            if (decision.Decision is Verdict.Deny)
            {
                return decision;
            }
        }
    }
}
