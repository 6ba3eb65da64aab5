using System.Buffers;
using System.Buffers.Binary;

namespace Belljar.Contracts.Wire;

/// <summary>
/// A <see cref="Frame"/> whose header is still bytes, for whoever reads hundreds of thousands a second: nothing is
/// allocated, save where a header line lies across two segments.
/// </summary>
public readonly ref struct RawFrame
{
    private const int LengthBytes = 4;

    private RawFrame(ReadOnlySpan<byte> verb, ReadOnlySpan<byte> argument, ReadOnlySequence<byte> body)
    {
        Verb = verb;
        Argument = argument;
        Body = body;
    }

    /// <summary>Printable ASCII without a space, at least one byte.</summary>
    public ReadOnlySpan<byte> Verb { get; }

    /// <summary>Printable ASCII after the first space; empty when there is none.</summary>
    public ReadOnlySpan<byte> Argument { get; }

    /// <summary>A view into the bytes that were read: copy it before those are given back.</summary>
    public ReadOnlySequence<byte> Body { get; }

    /// <summary>Takes one frame off the start of <paramref name="bytes"/>, which afterwards begins behind it.</summary>
    public static FrameStatus Read(ref ReadOnlySequence<byte> bytes, out RawFrame frame)
    {
        frame = default;
        if (!TryReadLine(bytes, out var line))
        {
            return bytes.Length >= Frame.LongestHeader ? FrameStatus.Malformed : FrameStatus.Incomplete;
        }

        var headerLength = line.Length + 1;
        if (headerLength > Frame.LongestHeader || !TrySplit(line, out var verb, out var argument))
        {
            return FrameStatus.Malformed;
        }

        var bodyStart = headerLength + LengthBytes;
        if (bytes.Length < bodyStart)
        {
            return FrameStatus.Incomplete;
        }

        var length = ReadLength(bytes, headerLength);
        if (length > Frame.LongestBody)
        {
            return FrameStatus.Malformed;
        }

        if (bytes.Length - bodyStart < length)
        {
            return FrameStatus.Incomplete;
        }

        frame = new RawFrame(verb, argument, bytes.Slice(bodyStart, length));
        bytes = bytes.Slice(bodyStart + length);
        return FrameStatus.Complete;
    }

    /// <summary>The line without its newline; its length is checked by the caller.</summary>
    private static bool TryReadLine(ReadOnlySequence<byte> bytes, out ReadOnlySpan<byte> line)
    {
        var first = bytes.FirstSpan;
        var end = first.IndexOf((byte)'\n');
        if (end >= 0)
        {
            line = first[..end];
            return true;
        }

        if (bytes.IsSingleSegment || first.Length >= Frame.LongestHeader)
        {
            line = default;
            return false;
        }

        return new SequenceReader<byte>(bytes).TryReadTo(out line, (byte)'\n');
    }

    private static uint ReadLength(ReadOnlySequence<byte> bytes, int at)
    {
        var first = bytes.FirstSpan;
        if (first.Length >= at + LengthBytes)
        {
            return BinaryPrimitives.ReadUInt32BigEndian(first[at..]);
        }

        Span<byte> across = stackalloc byte[LengthBytes];
        bytes.Slice(at, LengthBytes).CopyTo(across);
        return BinaryPrimitives.ReadUInt32BigEndian(across);
    }

    private static bool TrySplit(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> verb, out ReadOnlySpan<byte> argument)
    {
        if (line is [.., (byte)'\r'])
        {
            line = line[..^1];
        }

        var space = line.IndexOf((byte)' ');
        verb = space < 0 ? line : line[..space];
        argument = space < 0 ? default : line[(space + 1)..];
        return !verb.IsEmpty && !line.ContainsAnyExceptInRange((byte)' ', (byte)'~');
    }
}
