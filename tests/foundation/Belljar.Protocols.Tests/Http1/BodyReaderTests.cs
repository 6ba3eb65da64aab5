using System.Buffers;
using System.Text;
using Belljar.Protocols.Http1;
using FsCheck;
using FsCheck.Fluent;

namespace Belljar.Protocols.Tests.Http1;

public class BodyReaderTests
{
    private readonly BodyReader _reader = new(Http1Limits.Default);

    [Theory]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", "hello")]
    [InlineData("0005\r\nhello\r\n0\r\n\r\n", "hello")]
    [InlineData("5;a=b;c=\"d\"\r\nhello\r\n0;x\r\n\r\n", "hello")]
    [InlineData("a\r\n0123456789\r\nB\r\nabcdefghijk\r\n00\r\n\r\n", "0123456789abcdefghijk")]
    [InlineData("0\r\n\r\n", "")]
    public void Read_Chunked_CutAtEveryByte_GivesTheSame(string text, string body)
    {
        var bytes = Encoding.Latin1.GetBytes(text + "NEXT");
        for (var cut = 0; cut <= text.Length; cut++)
        {
            _reader.Start(BodyFraming.Chunked);
            var (first, taken, status) = Drain(bytes.AsSpan(0, cut));
            Assert.Equal(cut == text.Length ? BodyStatus.Complete : BodyStatus.NeedsMore, status);
            Assert.Equal(cut, taken);
            var (second, more, _) = Drain(bytes.AsSpan(cut));
            Assert.Equal(body, first + second);
            Assert.Equal(text.Length, taken + more);
            Assert.True(_reader.IsComplete);
        }
    }

    [Fact]
    public void Read_Trailers_AreGiven()
    {
        _reader.Start(BodyFraming.Chunked);
        var (_, _, status) = Drain("1\r\nx\r\n0\r\nGrpc-Status: 0\r\nX:  y \r\n\r\n"u8);

        Assert.Equal(BodyStatus.Complete, status);
        Assert.Equal(2, _reader.Trailers.Count);
        Assert.Equal("y", Encoding.ASCII.GetString(_reader.Trailers[1].Value));
    }

    [Theory]
    [InlineData("\r\n", Http1Refusal.ChunkSizeMalformed)]
    [InlineData("g\r\n", Http1Refusal.ChunkSizeMalformed)]
    [InlineData("-5\r\n", Http1Refusal.ChunkSizeMalformed)]
    [InlineData("+5\r\n", Http1Refusal.ChunkSizeMalformed)]
    [InlineData("0x5\r\n", Http1Refusal.ChunkSizeMalformed)]
    [InlineData("5 \r\n", Http1Refusal.ChunkSizeMalformed)]
    [InlineData(" 5\r\n", Http1Refusal.ChunkSizeMalformed)]
    [InlineData("5\t;x\r\n", Http1Refusal.ChunkSizeMalformed)]
    [InlineData("5\n", Http1Refusal.ChunkSizeMalformed)]
    [InlineData("5\rx", Http1Refusal.ChunkSizeMalformed)]
    [InlineData("\0", Http1Refusal.ChunkSizeMalformed)]
    [InlineData("5_0\r\n", Http1Refusal.ChunkSizeMalformed)]
    [InlineData("ffffffffffffffff\r\n", Http1Refusal.ChunkSizeTooLarge)]
    [InlineData("10000000000000005\r\n", Http1Refusal.ChunkSizeTooLarge)]
    [InlineData("5;a\nb\r\n", Http1Refusal.ChunkExtensionMalformed)]
    [InlineData("5;a\0\r\n", Http1Refusal.ChunkExtensionMalformed)]
    [InlineData("5;a\rb\r\n", Http1Refusal.ChunkSizeMalformed)]
    [InlineData("1\r\nx\n", Http1Refusal.ChunkEndMalformed)]
    [InlineData("1\r\nxy", Http1Refusal.ChunkEndMalformed)]
    [InlineData("1\r\nx\r\r", Http1Refusal.ChunkEndMalformed)]
    [InlineData("0\r\n\n", Http1Refusal.BareLf)]
    [InlineData("0\r\nX : y\r\n", Http1Refusal.SpaceBeforeColon)]
    [InlineData("0\r\nX: y\r\n z\r\n", Http1Refusal.ObsoleteFolding)]
    [InlineData("0\r\nContent-Length: 5\r\n", Http1Refusal.TrailerForbidden)]
    [InlineData("0\r\nTransfer-Encoding: chunked\r\n", Http1Refusal.TrailerForbidden)]
    [InlineData("0\r\nHost: a\r\n", Http1Refusal.TrailerForbidden)]
    public void Read_OddChunks_AreRefusedByName(string text, Http1Refusal refusal)
    {
        _reader.Start(BodyFraming.Chunked);
        var (_, _, status) = Drain(Encoding.Latin1.GetBytes(text));

        Assert.Equal((BodyStatus.Refused, refusal), (status, _reader.Refusal));
        Assert.Equal(BodyStatus.Refused, _reader.Read("0\r\n\r\n"u8, out var consumed, out _));
        Assert.Equal(0, consumed);
        Assert.False(_reader.IsComplete);
        Assert.False(_reader.MayEndHere);
    }

    [Fact]
    public void Read_EndlessExtensionOrTrailers_AreRefused()
    {
        _reader.Start(BodyFraming.Chunked);
        Assert.Equal(BodyStatus.Refused, Drain(Encoding.ASCII.GetBytes("5;" + new string('x', 300))).Status);
        _reader.Start(BodyFraming.Chunked);
        Assert.Equal(BodyStatus.Refused, Drain(Encoding.ASCII.GetBytes("0\r\nX: " + new string('x', 9000))).Status);
        Assert.Equal(Http1Refusal.TrailersTooLong, _reader.Refusal);
    }

    [Fact]
    public void Read_ALength_TakesExactlyThatMuch()
    {
        _reader.Start(BodyFraming.Of(5));
        Assert.False(_reader.MayEndHere);
        Assert.Equal(("hello", 5, BodyStatus.Complete), Drain("helloNEXT"u8));
    }

    [Fact]
    public void Read_NoneAndZero_AreCompleteAtOnce()
    {
        foreach (var framing in new[] { BodyFraming.None, BodyFraming.Of(0) })
        {
            _reader.Start(framing);
            Assert.Equal(("", 0, BodyStatus.Complete), Drain("NEXT"u8));
        }
    }

    [Fact]
    public void Read_UntilClose_TakesEverythingAndMayEndAnywhere()
    {
        _reader.Start(BodyFraming.UntilClose);
        Assert.Equal(("anything", 8, BodyStatus.NeedsMore), Drain("anything"u8));
        Assert.True(_reader.MayEndHere);
    }

    [Fact]
    public void Read_WhatTheWriterChunked_GivesItBackForEveryCut()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll<byte[][], int>((parts, cutSeed) =>
        {
            var output = new ArrayBufferWriter<byte>();
            foreach (var part in parts)
            {
                HeadWriter.Chunk(output, part);
            }

            output.Write(HeadWriter.LastChunk);
            var cut = (int)((uint)cutSeed % (uint)(output.WrittenCount + 1));
            _reader.Start(BodyFraming.Chunked);
            var (first, _, _) = Drain(output.WrittenSpan[..cut]);
            var (second, _, status) = Drain(output.WrittenSpan[cut..]);
            return status is BodyStatus.Complete && first + second == Encoding.Latin1.GetString([.. parts.SelectMany(part => part)]);
        }));
    }

    [Fact]
    public void Read_Damaged_NeverThrowsAndNeverTakesMoreThanThereIs()
    {
        var seed = "a;x=y\r\n0123456789\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n"u8.ToArray();
        var random = new Random(7230);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = seed.ToArray();
            for (var i = random.Next(1, 5); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = "0123fF\r\n;: \0z"u8[random.Next(13)];
            }

            _reader.Start(BodyFraming.Chunked);
            var whole = Drain(bytes);
            _reader.Start(BodyFraming.Chunked);
            var cut = random.Next(bytes.Length);
            var first = Drain(bytes.AsSpan(0, cut));
            var second = first.Status is BodyStatus.NeedsMore ? Drain(bytes.AsSpan(cut)) : ("", 0, first.Status);
            Assert.Equal((whole.Body, whole.Status), (first.Body + second.Item1, second.Item3));
        }
    }

    private (string Body, int Taken, BodyStatus Status) Drain(ReadOnlySpan<byte> input)
    {
        var body = new StringBuilder();
        var taken = 0;
        while (true)
        {
            var status = _reader.Read(input[taken..], out var consumed, out var data);
            Assert.InRange(consumed, data.Length, input.Length - taken);
            taken += consumed;
            body.Append(Encoding.Latin1.GetString(data));
            if (status is not BodyStatus.Data)
            {
                return (body.ToString(), taken, status);
            }
        }
    }
}
