using System.Text;
using Belljar.Detection.Decoding;
using Belljar.Detection.Tests.Scanning;

namespace Belljar.Detection.Tests.Decoding;

public class ZstdStreamTests
{
    /// <summary>Two frames, made by the zstd tool.</summary>
    private const string TwoFrames = "28B52FFD20219500006068656C6C6F207A737464200A0100FE8A1728B52FFD2009490000616E64206D6F72650A";

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Read_HoweverMuchIsAskedFor_GivesEveryFrame(int size)
    {
        using var stream = new ZstdStream(new MemoryStream(Convert.FromHexString(TwoFrames)));

        Assert.Equal("hello zstd hello zstd hello zstd\nand more\n", Encoding.ASCII.GetString(ReadAll(stream, size)));
    }

    [Fact]
    public void Read_WhatIsLongerThanItsBuffers_GivesTheWhole()
    {
        var bytes = new byte[1 << 20];
        new Random(4).NextBytes(bytes.AsSpan(0, bytes.Length / 2));

        using var stream = new ZstdStream(new MemoryStream(Zstandard.Compress(bytes)));

        Assert.Equal(bytes, ReadAll(stream, 10_000));
    }

    [Fact]
    public void Read_CutOff_IsBadData()
    {
        var bytes = Convert.FromHexString(TwoFrames);
        for (var length = 1; length < bytes.Length; length++)
        {
            using var stream = new ZstdStream(new MemoryStream(bytes[..length]));
            if (length == TwoFrames.LastIndexOf("28B52FFD", StringComparison.Ordinal) / 2)
            {
                Assert.Equal("hello zstd hello zstd hello zstd\n".Length, ReadAll(stream, 100).Length);
            }
            else
            {
                Assert.Throws<InvalidDataException>(() => ReadAll(stream, 100));
            }
        }
    }

    /// <summary>A frame header alone makes a decoder set a window aside: here one of 128 MiB.</summary>
    [Fact]
    public void Read_WindowBeyondTheBound_IsNotSupported()
    {
        using var stream = new ZstdStream(new MemoryStream([0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x01, 0x00, 0x00]));

        Assert.Throws<NotSupportedException>(() => ReadAll(stream, 100));
    }

    private static byte[] ReadAll(Stream stream, int size)
    {
        var output = new MemoryStream();
        var buffer = new byte[size];
        while (stream.Read(buffer) is var read and > 0)
        {
            output.Write(buffer, 0, read);
        }

        return output.ToArray();
    }
}
