using System.Buffers.Binary;

namespace Belljar.Protocols.Http2;

/// <summary>Whether a frame is whole.</summary>
public enum FrameStatus
{
    Incomplete,
    Complete,

    /// <summary>The connection must end: where the next frame would begin is not known, or the frame cannot be.</summary>
    Refused,
}

/// <summary>
/// One frame (RFC 9113 §4.1), as a view of the bytes that were received. Its length and its stream are those that its type
/// allows; what it holds is for whoever knows the connection's state.
/// </summary>
public readonly ref struct Frame
{
    public const int HeadLength = 9;

    /// <summary>The longest payload that is taken: the smallest that SETTINGS_MAX_FRAME_SIZE may be.</summary>
    public const int LongestPayload = 1 << 14;

    private const int PriorityLength = 5;

    private Frame(FrameType type, FrameFlags flags, int stream, ReadOnlySpan<byte> payload)
    {
        (Type, Flags, Stream) = (type, flags, stream);
        Payload = payload;
    }

    public FrameType Type { get; }

    public FrameFlags Flags { get; }

    /// <summary>0 for the connection.</summary>
    public int Stream { get; }

    public ReadOnlySpan<byte> Payload { get; }

    public bool Has(FrameFlags flag) => (Flags & flag) is not FrameFlags.None;

    /// <param name="input">What arrived.</param>
    /// <param name="consumed">The frame's length when it is complete, else 0.</param>
    /// <param name="error">Set when it is refused.</param>
    public static FrameStatus Read(ReadOnlySpan<byte> input, out Frame frame, out int consumed, out Http2ErrorCode error)
    {
        frame = default;
        (consumed, error) = (0, Http2ErrorCode.NoError);
        if (input.Length < HeadLength)
        {
            return FrameStatus.Incomplete;
        }

        var length = (input[0] << 16) | (input[1] << 8) | input[2];
        var type = (FrameType)input[3];
        var stream = BinaryPrimitives.ReadInt32BigEndian(input[5..]) & int.MaxValue;
        error = Check(type, (FrameFlags)input[4], stream, length);
        if (error is not Http2ErrorCode.NoError)
        {
            return FrameStatus.Refused;
        }

        if (input.Length < HeadLength + length)
        {
            return FrameStatus.Incomplete;
        }

        consumed = HeadLength + length;
        frame = new Frame(type, (FrameFlags)input[4], stream, input[HeadLength..consumed]);
        return FrameStatus.Complete;
    }

    /// <summary>The payload of DATA or HEADERS without padding and priority (RFC 9113 §6.1, §6.2).</summary>
    /// <returns>False when the padding is longer than what there is.</returns>
    public bool TryContent(out ReadOnlySpan<byte> content)
    {
        content = Payload;
        var padding = 0;
        if (Has(FrameFlags.Padded))
        {
            if (content.IsEmpty)
            {
                return false;
            }

            padding = content[0];
            content = content[1..];
        }

        var before = Type is FrameType.Headers && Has(FrameFlags.Priority) ? PriorityLength : 0;
        if (content.Length < before + padding)
        {
            return false;
        }

        content = content[before..^padding];
        return true;
    }

    private static Http2ErrorCode Check(FrameType type, FrameFlags flags, int stream, int length)
    {
        if (length > LongestPayload)
        {
            return Http2ErrorCode.FrameSizeError;
        }

        var isOfStream = type switch
        {
            FrameType.Data or FrameType.Headers or FrameType.Priority or FrameType.RstStream or FrameType.Continuation or FrameType.PushPromise => true,
            FrameType.Settings or FrameType.Ping or FrameType.GoAway => false,
            _ => (bool?)null,
        };
        if (isOfStream is { } expected && expected != (stream != 0))
        {
            return Http2ErrorCode.ProtocolError;
        }

        var isLong = type switch
        {
            FrameType.Priority => length == PriorityLength,
            FrameType.RstStream or FrameType.WindowUpdate => length == 4,
            FrameType.Ping => length == 8,
            FrameType.GoAway => length >= 8,
            FrameType.Settings => (flags & FrameFlags.Ack) is not FrameFlags.None ? length == 0 : length % 6 == 0,
            _ => true,
        };
        return isLong ? Http2ErrorCode.NoError : Http2ErrorCode.FrameSizeError;
    }
}
