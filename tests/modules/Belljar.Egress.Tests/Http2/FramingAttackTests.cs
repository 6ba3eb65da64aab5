using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Belljar.Contracts;
using Belljar.Egress.Policy;
using Belljar.Protocols.Http2;

namespace Belljar.Egress.Tests.Http2;

/// <summary>What HTTP/2 can say that HTTP/1.1 would read differently, and frames that only cost: none of it reaches a host.</summary>
public class FramingAttackTests(FramingAttackTests.Attacked attacked) : IClassFixture<FramingAttackTests.Attacked>
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

    /// <summary>The name of a case, and the frames after the client's preface and settings.</summary>
    public static TheoryData<string, Http2ErrorCode> Broken() => new()
    {
        { "data on a stream that was never opened", Http2ErrorCode.ProtocolError },
        { "data on stream 0", Http2ErrorCode.ProtocolError },
        { "reset of a stream that was never opened", Http2ErrorCode.ProtocolError },
        { "window of a stream that was never opened", Http2ErrorCode.ProtocolError },
        { "window by nothing", Http2ErrorCode.ProtocolError },
        { "window too large", Http2ErrorCode.FlowControlError },
        { "even stream", Http2ErrorCode.ProtocolError },
        { "push promise", Http2ErrorCode.ProtocolError },
        { "settings on a stream", Http2ErrorCode.ProtocolError },
        { "settings of a wrong length", Http2ErrorCode.FrameSizeError },
        { "settings with a frame too small", Http2ErrorCode.ProtocolError },
        { "settings with a window too large", Http2ErrorCode.ProtocolError },
        { "ping of a wrong length", Http2ErrorCode.FrameSizeError },
        { "frame too long", Http2ErrorCode.FrameSizeError },
        { "continuation of nothing", Http2ErrorCode.ProtocolError },
        { "continuation of another stream", Http2ErrorCode.ProtocolError },
        { "data inside a section", Http2ErrorCode.ProtocolError },
        { "padding longer than the frame", Http2ErrorCode.ProtocolError },
        { "index of nothing", Http2ErrorCode.CompressionError },
        { "table too large", Http2ErrorCode.CompressionError },
        { "string longer than the section", Http2ErrorCode.CompressionError },
        { "number without end", Http2ErrorCode.CompressionError },
        { "end of string in a string", Http2ErrorCode.CompressionError },
        { "section without end", Http2ErrorCode.EnhanceYourCalm },
        { "sections of nothing without end", Http2ErrorCode.EnhanceYourCalm },
        { "resets without end", Http2ErrorCode.EnhanceYourCalm },
        { "pings without end", Http2ErrorCode.EnhanceYourCalm },
        { "settings without end", Http2ErrorCode.EnhanceYourCalm },
        { "priorities without end", Http2ErrorCode.EnhanceYourCalm },
        { "data of nothing without end", Http2ErrorCode.EnhanceYourCalm },
        { "malformed requests without end", Http2ErrorCode.EnhanceYourCalm },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task ABrokenConnection_EndsWithItsReason(string what, Http2ErrorCode error)
    {
        using var client = await RawHttp2.ConnectAsync(attacked.Gate);

        var sending = SendAsync(client, what);

        Assert.Equal(error, await client.GoAwayAsync());
        await sending;
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: api.example\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")]
    public async Task AnotherPreface_EndsTheConnection(string preface)
    {
        using var client = await RawHttp2.ConnectAsync(attacked.Gate, begins: false);

        await client.SendAsync(output => output.Write(Encoding.ASCII.GetBytes(preface)));

        Assert.Equal(Http2ErrorCode.ProtocolError, await client.GoAwayAsync());
    }

    [Fact]
    public async Task ARequestBeforeTheSettings_EndsTheConnection()
    {
        using var client = await RawHttp2.ConnectAsync(attacked.Gate, begins: false);

        await client.SendAsync(output => output.Write(FrameWriter.Preface));
        await client.HeadersAsync(1, RawHttp2.Get());

        Assert.Equal(Http2ErrorCode.ProtocolError, await client.GoAwayAsync());
    }

    /// <summary>A small section that means a large one: it is decoded, counted and refused, and the connection lives on.</summary>
    [Fact]
    public async Task AHeaderBomb_IsRefused_AndTheConnectionLivesOn()
    {
        await attacked.ForgetAsync();
        using var client = await RawHttp2.ConnectAsync(attacked.Gate);

        // A field of 3 KiB is put into the table, then named ten thousand times.
        byte[] block = [.. RawHttp2.Block(RawHttp2.Get()), 0x40, 1, (byte)'x', 127, .. Varint(3000 - 127), .. Enumerable.Repeat((byte)'a', 3000), .. Enumerable.Repeat((byte)0xbe, 10_000)];
        await client.SendAsync(output => FrameWriter.Headers(output, 1, block, endsStream: true));

        Assert.Equal(431, (await client.EndAsync(1)).Status);
        await client.HeadersAsync(3, RawHttp2.Get());
        Assert.Equal(200, (await client.EndAsync(3)).Status);
    }

    /// <summary>Opened and reset, again and again: no more of them are at work at a time than there may be streams.</summary>
    [Fact]
    public async Task MoreStreamsThanAllowed_AreRefused_OneByOne()
    {
        var arrived = new SemaphoreSlim(0);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = TestServer.Secure(async stream =>
        {
            await TestServer.ReadHeadAsync(stream);
            arrived.Release();
            await answer.Task;
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray());
            await TestServer.ReadHeadAsync(stream);
        });
        await using var gate = TestGate.For(server);
        using var client = await RawHttp2.ConnectAsync(gate);

        await client.SendAsync(output =>
        {
            for (var i = 0; i < 140; i++)
            {
                FrameWriter.Headers(output, (2 * i) + 1, RawHttp2.Block(RawHttp2.Get($"/{i}")), endsStream: true);
            }
        });

        var refused = 0;
        while (refused < 12)
        {
            Assert.Equal(Http2ErrorCode.RefusedStream, (await client.NextAsync(FrameType.RstStream)).Error);
            refused++;
        }

        answer.SetResult();
        var answered = 0;
        while (answered < 128)
        {
            answered += (await client.NextAsync(FrameType.Data)).EndsStream ? 1 : 0;
        }
    }

    private static async Task SendAsync(RawHttp2 client, string what)
    {
        const FrameFlags None = FrameFlags.None;
        try
        {
            await (what switch
            {
                "data on a stream that was never opened" => client.DataAsync(1, "abc"),
                "data on stream 0" => client.DataAsync(0, "abc"),
                "reset of a stream that was never opened" => client.SendAsync(FrameType.RstStream, None, 5, 0, 0, 0, 8),
                "window of a stream that was never opened" => client.SendAsync(FrameType.WindowUpdate, None, 5, 0, 0, 0, 8),
                "window by nothing" => client.SendAsync(FrameType.WindowUpdate, None, 0, 0, 0, 0, 0),
                "window too large" => client.SendAsync(FrameType.WindowUpdate, None, 0, 0x7f, 0xff, 0xff, 0xff),
                "even stream" => client.HeadersAsync(2, RawHttp2.Get()),
                "push promise" => client.SendAsync(FrameType.PushPromise, FrameFlags.EndHeaders, 1, 0, 0, 0, 2),
                "settings on a stream" => client.SendAsync(FrameType.Settings, None, 1),
                "settings of a wrong length" => client.SendAsync(FrameType.Settings, None, 0, 1, 2, 3),
                "settings with a frame too small" => client.SendAsync(FrameType.Settings, None, 0, 0, 5, 0, 0, 0, 1),
                "settings with a window too large" => client.SendAsync(FrameType.Settings, None, 0, 0, 4, 0xff, 0xff, 0xff, 0xff),
                "ping of a wrong length" => client.SendAsync(FrameType.Ping, None, 0, 1, 2, 3),
                "frame too long" => client.SendAsync(FrameType.Data, None, 1, new byte[Frame.LongestPayload + 1]),
                "continuation of nothing" => client.SendAsync(FrameType.Continuation, FrameFlags.EndHeaders, 1),
                "continuation of another stream" => BothAsync(client, (FrameType.Headers, 1), (FrameType.Continuation, 3)),
                "data inside a section" => BothAsync(client, (FrameType.Headers, 1), (FrameType.Data, 1)),
                "padding longer than the frame" => client.SendAsync(FrameType.Headers, FrameFlags.Padded | FrameFlags.EndHeaders, 1, 9, 0x82),
                "index of nothing" => client.SendAsync(FrameType.Headers, FrameFlags.EndHeaders, 1, 0xff, 0x20),
                "table too large" => client.SendAsync(FrameType.Headers, FrameFlags.EndHeaders, 1, 0x3f, 0xff, 0x7f),
                "string longer than the section" => client.SendAsync(FrameType.Headers, FrameFlags.EndHeaders, 1, 0, 9, 1),
                "number without end" => client.SendAsync(FrameType.Headers, FrameFlags.EndHeaders, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
                "end of string in a string" => client.SendAsync(FrameType.Headers, FrameFlags.EndHeaders, 1, 0, 0x84, 0xff, 0xff, 0xff, 0xff),
                "section without end" => ManyAsync(client, 8, output => FrameWriter.Write(output, FrameType.Continuation, None, 1, new byte[Frame.LongestPayload]), FrameType.Headers),
                "sections of nothing without end" => ManyAsync(client, 64, output => FrameWriter.Write(output, FrameType.Continuation, None, 1, []), FrameType.Headers),
                "resets without end" => OpenAndResetAsync(client),
                "pings without end" => ManyAsync(client, 1500, output => FrameWriter.Write(output, FrameType.Ping, None, 0, new byte[8])),
                "settings without end" => ManyAsync(client, 1500, output => FrameWriter.Settings(output, [])),
                "priorities without end" => ManyAsync(client, 1500, output => FrameWriter.Write(output, FrameType.Priority, None, 1, new byte[5])),
                "data of nothing without end" => EmptyDataAsync(client),
                "malformed requests without end" => MalformedAsync(client),
                _ => throw new ArgumentOutOfRangeException(nameof(what), what, "no such case"),
            });
        }
        catch (IOException)
        {
            // The gate has had enough before all was sent.
        }
    }

    private static Task BothAsync(RawHttp2 client, (FrameType Type, int Stream) first, (FrameType Type, int Stream) second) => client.SendAsync(output =>
    {
        FrameWriter.Write(output, first.Type, FrameFlags.None, first.Stream, [0x82]);
        FrameWriter.Write(output, second.Type, FrameFlags.None, second.Stream, [0x82]);
    });

    private static Task ManyAsync(RawHttp2 client, int count, Action<IBufferWriter<byte>> write, FrameType? first = null) => client.SendAsync(output =>
    {
        if (first is { } type)
        {
            FrameWriter.Write(output, type, FrameFlags.None, 1, []);
        }

        for (var i = 0; i < count; i++)
        {
            write(output);
        }
    });

    private static Task OpenAndResetAsync(RawHttp2 client) => client.SendAsync(output =>
    {
        for (var i = 0; i < 500; i++)
        {
            FrameWriter.Headers(output, (2 * i) + 1, RawHttp2.Block(RawHttp2.Get()), endsStream: true);
            FrameWriter.RstStream(output, (2 * i) + 1, Http2ErrorCode.Cancel);
        }
    });

    private static Task EmptyDataAsync(RawHttp2 client) => client.SendAsync(output =>
    {
        FrameWriter.Headers(output, 1, RawHttp2.Block(RawHttp2.Post()), endsStream: false);
        for (var i = 0; i < 1500; i++)
        {
            FrameWriter.Data(output, 1, [], endsStream: false);
        }
    });

    private static Task MalformedAsync(RawHttp2 client) => client.SendAsync(output =>
    {
        for (var i = 0; i < 500; i++)
        {
            FrameWriter.Headers(output, (2 * i) + 1, RawHttp2.Block(("X", "y")), endsStream: true);
        }
    });

    private static byte[] Varint(int value) => value < 128 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];

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

    /// <summary>One gate that is attacked again and again, as a gate is.</summary>
    public sealed class Attacked : IAsyncDisposable
    {
        private readonly TestServer _server;

        public Attacked()
        {
            _server = TestServer.SecureOk(seen: Heads.Enqueue);
            Gate = TestGate.For(_server);
        }

        /// <summary>What has reached the host.</summary>
        public ConcurrentQueue<string> Heads { get; } = new();

        internal TestGate Gate { get; }

        /// <summary>What another case has left is no matter of this one.</summary>
        public async Task ForgetAsync()
        {
            Heads.Clear();
            while (Gate.Events.Waiting > 0)
            {
                await Gate.Events.NextEventAsync();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Gate.DisposeAsync();
            await _server.DisposeAsync();
        }
    }
}
