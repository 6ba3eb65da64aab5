using System.Buffers.Binary;

namespace Belljar.Protocols.Grpc;

/// <summary>Where a stream of messages is.</summary>
public enum MessageStatus
{
    /// <summary>All bytes were taken.</summary>
    NeedsMore,

    /// <summary>The prefix is whole: what follows is a message.</summary>
    Begin,

    /// <summary>Bytes of the message.</summary>
    Payload,

    /// <summary>The message has ended. One of no bytes has an end, too.</summary>
    End,

    /// <summary>The prefix is none.</summary>
    Refused,
}

/// <summary>
/// Takes the body of a gRPC call apart (Length-Prefixed-Message: one byte that says whether it is compressed, four bytes of
/// length). Pure, and nothing of the messages is kept.
/// </summary>
public sealed class MessageReader
{
    private const int PrefixLength = 5;

    private readonly byte[] _prefix = new byte[PrefixLength];
    private int _prefixed;
    private uint _left;

    /// <summary>Of the present message; valid from its beginning to the next one's.</summary>
    public ReadOnlySpan<byte> Prefix => _prefix;

    public bool IsCompressed => _prefix[0] == 1;

    /// <summary>Nothing is open: here the body may end.</summary>
    public bool IsBetween => _prefixed == 0;

    /// <param name="payload">Bytes of the message inside <paramref name="input"/>; empty unless there are some.</param>
    public MessageStatus Read(ReadOnlySpan<byte> input, out int consumed, out ReadOnlySpan<byte> payload)
    {
        consumed = 0;
        payload = default;
        if (_prefixed < PrefixLength)
        {
            consumed = Math.Min(input.Length, PrefixLength - _prefixed);
            input[..consumed].CopyTo(_prefix.AsSpan(_prefixed));
            _prefixed += consumed;
            if (_prefixed < PrefixLength)
            {
                return MessageStatus.NeedsMore;
            }

            _left = BinaryPrimitives.ReadUInt32BigEndian(_prefix.AsSpan(1));
            return _prefix[0] <= 1 && _left <= int.MaxValue ? MessageStatus.Begin : MessageStatus.Refused;
        }

        if (_left == 0)
        {
            _prefixed = 0;
            return MessageStatus.End;
        }

        consumed = (int)Math.Min((uint)input.Length, _left);
        payload = input[..consumed];
        _left -= (uint)consumed;
        return consumed > 0 ? MessageStatus.Payload : MessageStatus.NeedsMore;
    }
}
