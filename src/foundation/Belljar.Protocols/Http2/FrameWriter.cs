using System.Buffers;
using System.Buffers.Binary;

namespace Belljar.Protocols.Http2;

/// <summary>Writes frames. What is longer than a frame may be is cut.</summary>
public static class FrameWriter
{
    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public static void Data(IBufferWriter<byte> output, int stream, ReadOnlySpan<byte> data, bool endsStream)
        => Write(output, FrameType.Data, endsStream ? FrameFlags.EndStream : FrameFlags.None, stream, data);

    /// <summary>A field section in one HEADERS frame and as many CONTINUATION frames as it needs.</summary>
    public static void Headers(IBufferWriter<byte> output, int stream, ReadOnlySpan<byte> block, bool endsStream)
    {
        var type = FrameType.Headers;
        var flags = endsStream ? FrameFlags.EndStream : FrameFlags.None;
        while (block.Length > Frame.LongestPayload)
        {
            Write(output, type, flags, stream, block[..Frame.LongestPayload]);
            (type, flags) = (FrameType.Continuation, FrameFlags.None);
            block = block[Frame.LongestPayload..];
        }

        Write(output, type, flags | FrameFlags.EndHeaders, stream, block);
    }

    public static void Settings(IBufferWriter<byte> output, params ReadOnlySpan<(Http2Setting Setting, uint Value)> settings)
    {
        Span<byte> payload = stackalloc byte[settings.Length * 6];
        for (var i = 0; i < settings.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload[(i * 6)..], (ushort)settings[i].Setting);
            BinaryPrimitives.WriteUInt32BigEndian(payload[((i * 6) + 2)..], settings[i].Value);
        }

        Write(output, FrameType.Settings, FrameFlags.None, 0, payload);
    }

    public static void SettingsAck(IBufferWriter<byte> output) => Write(output, FrameType.Settings, FrameFlags.Ack, 0, []);

    public static void PingAck(IBufferWriter<byte> output, ReadOnlySpan<byte> payload) => Write(output, FrameType.Ping, FrameFlags.Ack, 0, payload);

    public static void RstStream(IBufferWriter<byte> output, int stream, Http2ErrorCode error) => WriteNumber(output, FrameType.RstStream, stream, (uint)error);

    public static void WindowUpdate(IBufferWriter<byte> output, int stream, int increment) => WriteNumber(output, FrameType.WindowUpdate, stream, (uint)increment);

    public static void GoAway(IBufferWriter<byte> output, int lastStream, Http2ErrorCode error)
    {
        Span<byte> payload = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(payload, lastStream);
        BinaryPrimitives.WriteUInt32BigEndian(payload[4..], (uint)error);
        Write(output, FrameType.GoAway, FrameFlags.None, 0, payload);
    }

    public static void Write(IBufferWriter<byte> output, FrameType type, FrameFlags flags, int stream, ReadOnlySpan<byte> payload)
    {
        var head = output.GetSpan(Frame.HeadLength);
        (head[0], head[1], head[2]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length);
        (head[3], head[4]) = ((byte)type, (byte)flags);
        BinaryPrimitives.WriteInt32BigEndian(head[5..], stream);
        output.Advance(Frame.HeadLength);
        output.Write(payload);
    }

    private static void WriteNumber(IBufferWriter<byte> output, FrameType type, int stream, uint number)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(payload, number);
        Write(output, type, FrameFlags.None, stream, payload);
    }
}
