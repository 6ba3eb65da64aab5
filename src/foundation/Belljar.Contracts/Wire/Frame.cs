using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Belljar.Contracts.Wire;

/// <summary>What <see cref="Frame.Read"/> found at the start of the bytes.</summary>
public enum FrameStatus
{
    /// <summary>A whole frame.</summary>
    Complete,

    /// <summary>The bytes so far may become a frame.</summary>
    Incomplete,

    /// <summary>They cannot: drop the connection.</summary>
    Malformed,
}

/// <summary>
/// The framing of <c>bus.sock</c> and <c>ingest.sock</c>: a header line <c>VERB[ argument]\n</c> in printable ASCII, a
/// four-byte big-endian length, and a body of that length. Pure: bytes in, values out.
/// </summary>
/// <param name="Verb">Upper-case word, for example <c>PUB</c>.</param>
/// <param name="Argument">What follows the first space; empty when there is none.</param>
/// <param name="Body">A view into the bytes that were read: copy it before those are given back.</param>
public readonly record struct Frame(string Verb, string Argument, ReadOnlySequence<byte> Body)
{
    /// <summary>Bytes of the header line, its newline included.</summary>
    public const int LongestHeader = 4096;

    /// <summary>Bytes of a body.</summary>
    public const int LongestBody = 1024 * 1024;

    private const int LengthBytes = 4;

    /// <summary>Takes one frame off the start of <paramref name="bytes"/>, which afterwards begins behind it.</summary>
    public static FrameStatus Read(ref ReadOnlySequence<byte> bytes, out Frame frame)
    {
        var status = RawFrame.Read(ref bytes, out var raw);
        frame = status is FrameStatus.Complete
            ? new Frame(Encoding.ASCII.GetString(raw.Verb), Encoding.ASCII.GetString(raw.Argument), raw.Body)
            : default;
        return status;
    }

    /// <exception cref="ArgumentException">The header or the body is longer than a frame allows, or not printable ASCII.</exception>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<char> verb, ReadOnlySpan<char> argument, ReadOnlySpan<byte> body)
    {
        var headerLength = verb.Length + (argument.IsEmpty ? 0 : argument.Length + 1) + 1;
        if (headerLength > LongestHeader || body.Length > LongestBody)
        {
            throw new ArgumentException("A frame's header is at most 4096 bytes and its body at most 1 MiB.", nameof(body));
        }

        if (!IsPrintable(verb) || !IsPrintable(argument))
        {
            throw new ArgumentException("A frame's header is printable ASCII.", nameof(argument));
        }

        var span = output.GetSpan(headerLength + LengthBytes + body.Length);
        var at = Encoding.ASCII.GetBytes(verb, span);
        if (!argument.IsEmpty)
        {
            span[at++] = (byte)' ';
            at += Encoding.ASCII.GetBytes(argument, span[at..]);
        }

        span[at++] = (byte)'\n';
        BinaryPrimitives.WriteUInt32BigEndian(span[at..], (uint)body.Length);
        at += LengthBytes;
        body.CopyTo(span[at..]);
        output.Advance(at + body.Length);
    }

    private static bool IsPrintable(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange(' ', '~');
}
