using System.IO.Compression;

namespace Belljar.Detection.Decoding;

/// <summary>A kind of compression. Those that .NET lacks are given to <see cref="RuleSet.TryCompile"/> by whoever has them.</summary>
/// <param name="Name">As findings spell it: <c>gzip</c>.</param>
/// <param name="Looks">Whether bytes may be the beginning of it.</param>
/// <param name="Open">A stream of what it becomes. Reading may throw <see cref="InvalidDataException"/> or <see cref="IOException"/>.</param>
/// <param name="IsGuess">It has no magic number: tried only at the beginning of something that was encoded.</param>
/// <param name="Magic">What it begins with wherever it stands; empty: it is looked for only where something encoded begins.</param>
public sealed record Inflater(string Name, InflaterTest Looks, Func<Stream, Stream> Open, ReadOnlyMemory<byte> Magic = default, bool IsGuess = false)
{
    public static readonly IReadOnlyList<Inflater> BuiltIn =
    [
        new("gzip", static bytes => bytes is [0x1f, 0x8b, 8, ..], static stream => new GZipStream(stream, CompressionMode.Decompress), new byte[] { 0x1f, 0x8b, 8 }),
        new("zlib", static bytes => bytes is [0x78, var flags, ..] && ((0x78 << 8) | flags) % 31 == 0, static stream => new ZLibStream(stream, CompressionMode.Decompress)),
        new("deflate", static bytes => bytes.Length > 16 && (bytes[0] & 6) is 2 or 4, static stream => new DeflateStream(stream, CompressionMode.Decompress), IsGuess: true),
        new("br", static bytes => bytes.Length > 16, static stream => new BrotliStream(stream, CompressionMode.Decompress), IsGuess: true),
    ];
}

public delegate bool InflaterTest(ReadOnlySpan<byte> bytes);
