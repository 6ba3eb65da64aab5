using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Belljar.Protocols.WebSocket;

/// <summary>What <see cref="FrameReader.Read"/> found.</summary>
public enum WebSocketFrameStatus
{
    /// <summary>All bytes were taken; more are needed.</summary>
    NeedsMore,

    /// <summary>A frame begins; its head is in <see cref="FrameReader.Frame"/>. Call again.</summary>
    Head,

    /// <summary>Some of its payload, as sent. Call again.</summary>
    Payload,

    /// <summary>The frame ended. Call again.</summary>
    End,

    Refused,
}

/// <param name="Length">Bytes of payload.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct WebSocketFrame(WebSocketOpcode Opcode, bool IsFinal, long Length)
{
    public bool IsControl => Opcode >= WebSocketOpcode.Close;
}

/// <summary>
/// Takes one direction of a WebSocket connection apart (RFC 6455 §5) while it streams. Pure and strict; no extension is
/// known, so no reserved bit may be set. Of the payload nothing is kept.
/// </summary>
/// <param name="fromClient">A client masks its frames, a server does not.</param>
public sealed class FrameReader(bool fromClient)
{
    private const int LongestHead = 14;
    private const int LongestControl = 125;

    private readonly byte[] _head = new byte[LongestHead];
    private readonly byte[] _mask = new byte[4];
    private int _headLength;
    private long _remaining;
    private int _maskOffset;
    private bool _isInFrame;
    private bool _isInMessage;

    public WebSocketRefusal Refusal { get; private set; }

    /// <summary>The present frame.</summary>
    public WebSocketFrame Frame { get; private set; }

    /// <summary>No frame and no message is open: the stream may end here.</summary>
    public bool IsBetweenMessages => !_isInFrame && !_isInMessage && _headLength == 0;

    /// <param name="consumed">How many bytes were taken, payload included.</param>
    /// <param name="payload">Bytes inside <paramref name="input"/>, still masked; see <see cref="Unmask"/>.</param>
    public WebSocketFrameStatus Read(ReadOnlySpan<byte> input, out int consumed, out ReadOnlySpan<byte> payload)
    {
        consumed = 0;
        payload = default;
        if (Refusal is not WebSocketRefusal.None)
        {
            return WebSocketFrameStatus.Refused;
        }

        return _isInFrame ? ReadPayload(input, out consumed, out payload) : ReadHead(input, out consumed);
    }

    /// <summary>Undoes the mask of the bytes that were read last. Once for each payload, in order.</summary>
    public void Unmask(ReadOnlySpan<byte> payload, Span<byte> to)
    {
        if (!fromClient)
        {
            payload.CopyTo(to);
            return;
        }

        for (var i = 0; i < payload.Length; i++)
        {
            to[i] = (byte)(payload[i] ^ _mask[(_maskOffset + i) & 3]);
        }

        _maskOffset = (_maskOffset + payload.Length) & 3;
    }

    private WebSocketFrameStatus ReadPayload(ReadOnlySpan<byte> input, out int consumed, out ReadOnlySpan<byte> payload)
    {
        payload = input[..(int)Math.Min(input.Length, _remaining)];
        consumed = payload.Length;
        if (_remaining == 0)
        {
            _isInFrame = false;
            _isInMessage = Frame.IsControl ? _isInMessage : !Frame.IsFinal;
            return WebSocketFrameStatus.End;
        }

        _remaining -= consumed;
        return consumed == 0 ? WebSocketFrameStatus.NeedsMore : WebSocketFrameStatus.Payload;
    }

    private WebSocketFrameStatus ReadHead(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        while (consumed < input.Length)
        {
            _head[_headLength++] = input[consumed++];
            Refusal = CheckHead();
            if (Refusal is not WebSocketRefusal.None)
            {
                return WebSocketFrameStatus.Refused;
            }

            if (_headLength >= 2 && _headLength == HeadLength())
            {
                return Begin();
            }
        }

        return WebSocketFrameStatus.NeedsMore;
    }

    private int HeadLength() => 2 + LengthBytes() + (fromClient ? 4 : 0);

    private int LengthBytes() => (_head[1] & 0x7f) switch
    {
        126 => 2,
        127 => 8,
        _ => 0,
    };

    /// <summary>As early as the bytes allow: a peer that speaks something else is not waited for.</summary>
    private WebSocketRefusal CheckHead()
    {
        var (isFinal, opcode) = ((_head[0] & 0x80) != 0, _head[0] & 0x0f);
        if (_headLength == 1)
        {
            return (_head[0] & 0x70) != 0 ? WebSocketRefusal.ReservedBit
                : opcode is (> 2 and < 8) or > 10 ? WebSocketRefusal.ReservedOpcode
                : opcode >= 8 && !isFinal ? WebSocketRefusal.ControlMalformed
                : opcode < 8 && (opcode == 0) != _isInMessage ? WebSocketRefusal.OutOfOrder
                : WebSocketRefusal.None;
        }

        return (_head[1] & 0x80) != 0 != fromClient ? WebSocketRefusal.WrongMask
            : opcode >= 8 && (_head[1] & 0x7f) > LongestControl ? WebSocketRefusal.ControlMalformed
            : WebSocketRefusal.None;
    }

    private WebSocketFrameStatus Begin()
    {
        var length = LengthBytes() switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(_head.AsSpan(2)),
            8 => BinaryPrimitives.ReadInt64BigEndian(_head.AsSpan(2)),
            _ => _head[1] & 0x7f,
        };
        if (length < 0 || (LengthBytes() == 2 && length < 126) || (LengthBytes() == 8 && length <= ushort.MaxValue))
        {
            Refusal = WebSocketRefusal.LengthMalformed;
            return WebSocketFrameStatus.Refused;
        }

        if (fromClient)
        {
            _head.AsSpan(_headLength - 4, 4).CopyTo(_mask);
        }

        Frame = new WebSocketFrame((WebSocketOpcode)(_head[0] & 0x0f), (_head[0] & 0x80) != 0, length);
        (_headLength, _remaining, _maskOffset, _isInFrame) = (0, length, 0, true);
        return WebSocketFrameStatus.Head;
    }
}
