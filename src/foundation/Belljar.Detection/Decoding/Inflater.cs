using System.IO.Compression;
using System.Text;

namespace Belljar.Detection.Decoding;

/// <summary>A kind of compression.</summary>
/// <param name="Name">As findings spell it: <c>gzip</c>.</param>
/// <param name="Looks">Whether bytes may be the beginning of it.</param>
/// <param name="Open">
/// A stream of what it becomes. Reading throws <see cref="InvalidDataException"/> or <see cref="IOException"/> for bytes that are
/// none of it, <see cref="NotSupportedException"/> for what cannot be undone here.
/// </param>
/// <param name="IsGuess">It has no magic number: tried only at the beginning of something that was encoded.</param>
/// <param name="Magic">What it begins with wherever it stands; empty: it is looked for only where something encoded begins.</param>
internal sealed record Inflater(string Name, InflaterTest Looks, Func<Stream, Stream> Open, ReadOnlyMemory<byte> Magic = default, bool IsGuess = false)
{
    public static readonly Inflater[] All =
    [
        new("gzip", static bytes => bytes is [0x1f, 0x8b, 8, ..], static stream => new GZipStream(stream, CompressionMode.Decompress), new byte[] { 0x1f, 0x8b, 8 }),
        new("zlib", static bytes => bytes is [0x78, var flags, ..] && ((0x78 << 8) | flags) % 31 == 0, static stream => new ZLibStream(stream, CompressionMode.Decompress)),
        new("zstd", static bytes => bytes is [0x28, 0xb5, 0x2f, 0xfd, var descriptor, ..] && (descriptor & ReservedBit) == 0, static stream => new ZstdStream(stream), new byte[] { 0x28, 0xb5, 0x2f, 0xfd }),
        new("deflate", IsDeflate, static stream => new DeflateStream(stream, CompressionMode.Decompress), IsGuess: true),
        new("br", IsBrotli, static stream => new BrotliStream(stream, CompressionMode.Decompress), IsGuess: true),
    ];

    /// <summary>RFC 8878 §3.1.1.1.1: zero in every frame.</summary>
    private const int ReservedBit = 8;

    private const int Probe = 16;
    private const int FewestLetters = 12;

    /// <summary>Four characters of base64 that a container begins with where its first byte begins a group; empty without a magic number.</summary>
    public byte[] MagicInBase64 { get; } = Magic.Length < 3 ? [] : Encoding.ASCII.GetBytes(Convert.ToBase64String(Magic.Span[..3]));

    /// <summary>What has no magic number is believed when its first bytes become text.</summary>
    private static bool IsDeflate(ReadOnlySpan<byte> bytes)
    {
        Span<byte> output = stackalloc byte[Probe];
        return (bytes[0] & 6) is 2 or 4 && IsText(output[..new DeflateProbe(bytes).Read(output)]);
    }

    private static bool IsBrotli(ReadOnlySpan<byte> bytes)
    {
        Span<byte> output = stackalloc byte[Probe];
        using var decoder = new BrotliDecoder();
        return decoder.Decompress(bytes, output, out _, out var written) != System.Buffers.OperationStatus.InvalidData && IsText(output[..written]);
    }

    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        var letters = 0;
        foreach (var value in bytes)
        {
            letters += Runs.Readable.Contains(value) ? 1 : 0;
        }

        return letters >= FewestLetters || bytes is [0x1f, 0x8b, ..];
    }
}

internal delegate bool InflaterTest(ReadOnlySpan<byte> bytes);
