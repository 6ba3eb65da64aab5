using System.Buffers;
using System.Text;
using Belljar.Protocols.Http2;

namespace Belljar.Egress.Tests.Http2;

/// <summary>Frames that cannot be, and frames that only cost: the connection ends with its reason, and all others live on.</summary>
public class ConnectionAttackTests(AttackedGate attacked) : IClassFixture<AttackedGate>
{
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
}
