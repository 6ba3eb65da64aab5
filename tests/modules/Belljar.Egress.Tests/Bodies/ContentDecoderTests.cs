using System.Buffers;
using System.IO.Compression;
using System.Text;
using Belljar.Detection.Decoding;
using Belljar.Egress.Bodies;

namespace Belljar.Egress.Tests.Bodies;

public class ContentDecoderTests
{
    private static readonly byte[] Text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 3000).Select(i => $"line {i * 7919}\n")));

    [Theory]
    [InlineData("gzip", 1)]
    [InlineData("gzip", 1000)]
    [InlineData("deflate", 1)]
    [InlineData("br", 1)]
    [InlineData("br", 100_000)]
    [InlineData("gzip, br", 7)]
    [InlineData("identity, x-gzip", 7)]
    public void Decode_HoweverItIsCut_GivesTheWhole(string coding, int size)
    {
        Assert.True(ContentDecoder.TryCreate(coding, out var decoder));
        var output = new ArrayBufferWriter<byte>();

        foreach (var part in Encode(coding, Text).Chunk(size))
        {
            decoder!.Decode(part, isLast: false, output);
        }

        decoder!.Decode([], isLast: true, output);
        decoder.Dispose();
        Assert.Equal(Text, output.WrittenSpan.ToArray());
    }

    [Fact]
    public void Decode_WhatWasFlushed_ComesAtOnce()
    {
        var wire = new MemoryStream();
        using var encoder = new GZipStream(wire, CompressionLevel.Fastest);
        Assert.True(ContentDecoder.TryCreate("gzip", out var decoder));

        for (var i = 0; i < 5; i++)
        {
            encoder.Write(Encoding.ASCII.GetBytes($"data: {i}\n\n"));
            encoder.Flush();
            var output = new ArrayBufferWriter<byte>();
            decoder!.Decode(wire.ToArray(), isLast: false, output);
            wire.SetLength(0);
            Assert.Equal($"data: {i}\n\n", Encoding.ASCII.GetString(output.WrittenSpan));
        }
    }

    /// <summary>Two frames, made by the zstd tool: "hello zstd hello zstd hello zstd\n" and "and more\n".</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(1000)]
    public void Decode_Zstandard_GivesTheWhole(int size)
    {
        Assert.SkipUnless(ZstdStream.IsAvailable, "libzstd1 is not installed");
        Assert.True(ContentDecoder.TryCreate("zstd", out var decoder));
        var output = new ArrayBufferWriter<byte>();

        foreach (var part in Convert.FromHexString("28B52FFD20219500006068656C6C6F207A737464200A0100FE8A1728B52FFD2009490000616E64206D6F72650A").Chunk(size))
        {
            decoder!.Decode(part, isLast: false, output);
        }

        decoder!.Decode([], isLast: true, output);
        decoder.Dispose();
        Assert.Equal("hello zstd hello zstd hello zstd\nand more\n", Encoding.ASCII.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public void Decode_Rubbish_IsBadData(string coding)
    {
        Assert.True(ContentDecoder.TryCreate(coding, out var decoder));

        Assert.Throws<InvalidDataException>(() => decoder!.Decode(Encoding.ASCII.GetBytes(new string('\u0011', 5000)), isLast: true, new ArrayBufferWriter<byte>()));
    }

    [Theory]
    [InlineData("zstandard")]
    [InlineData("compress")]
    [InlineData("gzip, aes128gcm")]
    [InlineData("gzip, gzip, gzip, gzip")]
    public void TryCreate_WhatCannotBeUndone_IsFalse(string coding) => Assert.False(ContentDecoder.TryCreate(coding, out _));

    internal static byte[] Encode(string coding, byte[] bytes)
    {
        foreach (var one in coding.Split(',', StringSplitOptions.TrimEntries))
        {
            var coded = new MemoryStream();
            using (Stream encoder = one switch
            {
                "gzip" or "x-gzip" => new GZipStream(coded, CompressionLevel.Fastest),
                "deflate" => new ZLibStream(coded, CompressionLevel.Fastest),
                "br" => new BrotliStream(coded, CompressionLevel.Fastest),
                _ => new BufferedStream(coded),
            })
            {
                encoder.Write(bytes);
            }

            bytes = coded.ToArray();
        }

        return bytes;
    }
}
