using System.Buffers;
using System.Buffers.Binary;

namespace Belljar.Protocols.WebSocket;

/// <summary>Writes frames (RFC 6455 §5.2) with the shortest length.</summary>
public static class FrameWriter
{
    /// <param name="mask">Four bytes that nobody can foresee, from a client; empty from a server.</param>
    public static void Write(IBufferWriter<byte> output, WebSocketOpcode opcode, bool isFinal, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> mask)
    {
        var head = output.GetSpan(14);
        head[0] = (byte)((isFinal ? 0x80 : 0) | (byte)opcode);
        var masked = mask.IsEmpty ? 0 : 0x80;
        int length;
        switch (payload.Length)
        {
            case < 126:
                head[1] = (byte)(masked | payload.Length);
                length = 2;
                break;
            case <= ushort.MaxValue:
                head[1] = (byte)(masked | 126);
                BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)payload.Length);
                length = 4;
                break;
            default:
                head[1] = (byte)(masked | 127);
                BinaryPrimitives.WriteInt64BigEndian(head[2..], payload.Length);
                length = 10;
                break;
        }

        mask.CopyTo(head[length..]);
        output.Advance(length + mask.Length);
        if (mask.IsEmpty)
        {
            output.Write(payload);
            return;
        }

        var body = output.GetSpan(payload.Length);
        for (var i = 0; i < payload.Length; i++)
        {
            body[i] = (byte)(payload[i] ^ mask[i & 3]);
        }

        output.Advance(payload.Length);
    }
}
