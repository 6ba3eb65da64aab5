using System.Buffers;
using System.Text;
using Belljar.Contracts.Wire;

namespace Belljar.Contracts.Tests.Wire;

public class RawFrameTests
{
    private static readonly byte[] Two = Encoding.Latin1.GetBytes("PUB a.b\r\n\0\0\0\u0007{\"a\":1}BYE\n\0\0\0\0");

    [Fact]
    public void Read_SplitAnywhere_GivesTheSame()
    {
        for (var cut = 0; cut <= Two.Length; cut++)
        {
            var bytes = Segments(Two[..cut], Two[cut..]);

            Assert.Equal(FrameStatus.Complete, RawFrame.Read(ref bytes, out var first));
            Assert.Equal("PUB a.b", $"{Encoding.ASCII.GetString(first.Verb)} {Encoding.ASCII.GetString(first.Argument)}");
            Assert.Equal("{\"a\":1}", Encoding.ASCII.GetString(first.Body));
            Assert.Equal(FrameStatus.Complete, RawFrame.Read(ref bytes, out var second));
            Assert.Equal("BYE", Encoding.ASCII.GetString(second.Verb));
            Assert.True(second.Argument.IsEmpty && bytes.IsEmpty);
        }
    }

    [Fact]
    public void Read_OneByteSegments_CutAtEveryByte_IsIncompleteUntilTheLast()
    {
        var whole = Two[..^8];
        for (var cut = 0; cut <= whole.Length; cut++)
        {
            var bytes = Segments([.. whole[..cut].Select(b => new[] { b })]);
            Assert.Equal(cut == whole.Length ? FrameStatus.Complete : FrameStatus.Incomplete, RawFrame.Read(ref bytes, out _));
        }
    }

    [Theory]
    [InlineData(Frame.LongestHeader, FrameStatus.Complete)]
    [InlineData(Frame.LongestHeader + 1, FrameStatus.Malformed)]
    public void Read_HeaderAtTheBound(int length, FrameStatus expected)
    {
        byte[] header = [.. "PUB "u8, .. Enumerable.Repeat((byte)'a', length - 5), (byte)'\n', 0, 0, 0, 0];
        var whole = new ReadOnlySequence<byte>(header);
        var split = Segments(header[..100], header[100..]);

        Assert.Equal(expected, RawFrame.Read(ref whole, out _));
        Assert.Equal(expected, RawFrame.Read(ref split, out _));
    }

    [Fact]
    public void Read_HeaderWithoutEndOverSegments_IsMalformedAtTheBound()
    {
        var bytes = Segments([.. Enumerable.Repeat(new byte[] { 65 }, Frame.LongestHeader)]);
        var shorter = bytes.Slice(1);

        Assert.Equal(FrameStatus.Malformed, RawFrame.Read(ref bytes, out _));
        Assert.Equal(FrameStatus.Incomplete, RawFrame.Read(ref shorter, out _));
    }

    private static ReadOnlySequence<byte> Segments(params byte[][] parts)
    {
        var first = new Segment(parts.Length == 0 ? [] : parts[0], null);
        var last = first;
        foreach (var part in parts.Skip(1))
        {
            last = new Segment(part, last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, Segment? before)
        {
            Memory = bytes;
            RunningIndex = before is null ? 0 : before.RunningIndex + before.Memory.Length;
            before?.Next = this;
        }
    }
}
