using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using System.Text;
using Belljar.Protocols.Http1;
using Belljar.Protocols.Http2;

namespace Belljar.Egress.Tests.Http2;

/// <summary>A frame as it was received, kept.</summary>
internal sealed record KeptFrame(FrameType Type, FrameFlags Flags, int Stream, byte[] Payload)
{
    public Http2ErrorCode Error => (Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(Type is FrameType.GoAway ? Payload.AsSpan(4) : Payload);

    public bool EndsStream => Type is FrameType.Data or FrameType.Headers && Flags.HasFlag(FrameFlags.EndStream);
}

/// <summary>What came of one stream.</summary>
internal sealed record StreamEnd(int Status, string Fields, string Body, string Trailers, Http2ErrorCode? Reset);

/// <summary>A client that sends exactly the frames that a test says, through a tunnel of the gate.</summary>
internal sealed class RawHttp2(RawClient client) : IDisposable
{
    private readonly HpackDecoder _hpack = new();
    private readonly ArrayBufferWriter<byte> _output = new();
    private byte[] _left = [];

    public static async Task<RawHttp2> ConnectAsync(TestGate gate, bool begins = true, string host = "api.example")
    {
        var client = await gate.ConnectAsync();
        await client.SendAsync($"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync());
        await client.SecureAsync(host, SslApplicationProtocol.Http2);
        var http2 = new RawHttp2(client);
        if (begins)
        {
            await http2.SendAsync(output =>
            {
                output.Write(FrameWriter.Preface);
                FrameWriter.Settings(output, []);
            });
        }

        return http2;
    }

    public async Task SendAsync(Action<IBufferWriter<byte>> write)
    {
        _output.ResetWrittenCount();
        write(_output);
        await client.SendAsync(_output.WrittenSpan.ToArray());
    }

    public Task SendAsync(FrameType type, FrameFlags flags, int stream, params byte[] payload)
        => SendAsync(output => FrameWriter.Write(output, type, flags, stream, payload));

    /// <summary>A field section, whatever it holds.</summary>
    public static byte[] Block(params (string Name, string Value)[] fields)
    {
        var block = new ArrayBufferWriter<byte>();
        foreach (var (name, value) in fields)
        {
            // Literal, never indexed, a new name: the name goes as it is.
            block.Write((byte[])[0x10, .. Text(name), .. Text(value)]);
        }

        return block.WrittenSpan.ToArray();
    }

    public static (string, string)[] Get(string path = "/", params (string, string)[] more)
        => [(":method", "GET"), (":scheme", "https"), (":authority", "api.example"), (":path", path), .. more];

    public static (string, string)[] Post(string path = "/", params (string, string)[] more)
        => [(":method", "POST"), (":scheme", "https"), (":authority", "api.example"), (":path", path), .. more];

    public Task HeadersAsync(int stream, (string, string)[] fields, bool ends = true)
        => SendAsync(output => FrameWriter.Headers(output, stream, Block(fields), ends));

    public Task DataAsync(int stream, string text, bool ends = false)
        => SendAsync(output => FrameWriter.Data(output, stream, Encoding.Latin1.GetBytes(text), ends));

    /// <returns>Null when the gate has closed.</returns>
    public async Task<KeptFrame?> NextAsync()
    {
        while (true)
        {
            var status = Frame.Read(_left, out var frame, out var consumed, out _);
            Assert.NotEqual(FrameStatus.Refused, status);
            if (status is FrameStatus.Complete)
            {
                var kept = new KeptFrame(frame.Type, frame.Flags, frame.Stream, frame.Payload.ToArray());
                _left = _left[consumed..];
                return kept;
            }

            var more = new byte[64 * 1024];
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            try
            {
                var count = await client.Stream.ReadAsync(more, patience.Token);
                if (count == 0)
                {
                    return null;
                }

                _left = [.. _left, .. more.AsSpan(0, count)];
            }
            catch (IOException)
            {
                return null;
            }
        }
    }

    public async Task<KeptFrame> NextAsync(FrameType type)
    {
        while (true)
        {
            var frame = await NextAsync();
            Assert.True(frame is not null, $"the gate closed before a frame of type {type}");
            if (frame.Type == type && !(type is FrameType.Settings or FrameType.Ping && !frame.Flags.HasFlag(FrameFlags.Ack)))
            {
                return frame;
            }
        }
    }

    /// <summary>Reads until the stream has ended, one way or another; the windows are opened as it goes.</summary>
    public async Task<StreamEnd> EndAsync(int stream)
    {
        var (status, fields, body, trailers) = (0, "", new StringBuilder(), "");
        while (true)
        {
            var frame = await NextAsync();
            Assert.True(frame is not null, $"the gate closed while stream {stream} was open");
            if (frame.Stream != stream)
            {
                continue;
            }

            switch (frame.Type)
            {
                case FrameType.Headers:
                    Assert.True(frame.Flags.HasFlag(FrameFlags.EndHeaders));
                    var read = Read(frame.Payload);
                    if (read.StartsWith(":status: ", StringComparison.Ordinal))
                    {
                        (status, fields) = (int.Parse(read[9..12], System.Globalization.CultureInfo.InvariantCulture), fields + read);
                    }
                    else
                    {
                        trailers = read;
                    }

                    break;
                case FrameType.Data:
                    body.Append(Encoding.Latin1.GetString(frame.Payload));
                    if (frame.Payload.Length > 0)
                    {
                        await SendAsync(output =>
                        {
                            FrameWriter.WindowUpdate(output, 0, frame.Payload.Length);
                            FrameWriter.WindowUpdate(output, stream, frame.Payload.Length);
                        });
                    }

                    break;
                case FrameType.RstStream:
                    return new StreamEnd(status, fields, body.ToString(), trailers, frame.Error);
            }

            if (frame.EndsStream)
            {
                return new StreamEnd(status, fields, body.ToString(), trailers, null);
            }
        }
    }

    /// <summary>Reads until the gate says why the connection ends.</summary>
    public async Task<Http2ErrorCode?> GoAwayAsync()
    {
        while (await NextAsync() is { } frame)
        {
            if (frame.Type is FrameType.GoAway)
            {
                return frame.Error;
            }
        }

        return null;
    }

    /// <summary>One line for each field.</summary>
    public string Read(byte[] block)
    {
        var section = new FieldSection(Http1Limits.Default);
        Assert.True(_hpack.TryDecode(block, section));
        var text = new StringBuilder();
        for (var i = 0; i < section.Count; i++)
        {
            text.Append(Encoding.Latin1.GetString(section[i].Name)).Append(": ").Append(Encoding.Latin1.GetString(section[i].Value)).Append('\n');
        }

        return text.ToString();
    }

    public void Dispose() => client.Dispose();

    private static byte[] Text(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        return bytes.Length < 127 ? [(byte)bytes.Length, .. bytes] : [127, .. Rest(bytes.Length - 127), .. bytes];
    }

    private static byte[] Rest(int value) => value < 128 ? [(byte)value] : [(byte)(value | 0x80), .. Rest(value >> 7)];
}
