using System.Buffers;
using Belljar.Protocols.Http2;

namespace Belljar.Protocols.Tests.Http2;

public class FrameTests
{
    [Fact]
    public void AFrame_IsIncompleteUntilItsLastByte()
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.Data(output, 5, "hello"u8, endsStream: true);
        var bytes = output.WrittenSpan;

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(FrameStatus.Incomplete, Frame.Read(bytes[..length], out _, out var none, out _));
            Assert.Equal(0, none);
        }

        Assert.Equal(FrameStatus.Complete, Frame.Read(bytes, out var frame, out var consumed, out _));
        Assert.Equal((FrameType.Data, 5, true, bytes.Length), (frame.Type, frame.Stream, frame.Has(FrameFlags.EndStream), consumed));
        Assert.Equal("hello"u8, frame.Payload);
    }

    [Fact]
    public void ALongSection_IsCut_AndIsOneAgain()
    {
        var output = new ArrayBufferWriter<byte>();
        var block = new byte[(2 * Frame.LongestPayload) + 100];
        new Random(1).NextBytes(block);

        FrameWriter.Headers(output, 3, block, endsStream: true);

        var (rest, joined, types) = (output.WrittenMemory, new List<byte>(), new List<(FrameType, FrameFlags)>());
        while (Frame.Read(rest.Span, out var frame, out var consumed, out _) is FrameStatus.Complete)
        {
            joined.AddRange(frame.Payload);
            types.Add((frame.Type, frame.Flags));
            rest = rest[consumed..];
        }

        Assert.Equal(block, joined);
        Assert.Equal([(FrameType.Headers, FrameFlags.EndStream), (FrameType.Continuation, FrameFlags.None), (FrameType.Continuation, FrameFlags.EndHeaders)], types);
    }

    [Theory]
    [InlineData("000000 00 00 00000000", Http2ErrorCode.ProtocolError)] // DATA on stream 0
    [InlineData("000000 04 00 00000001", Http2ErrorCode.ProtocolError)] // SETTINGS on a stream
    [InlineData("000005 04 00 00000000", Http2ErrorCode.FrameSizeError)]
    [InlineData("000006 04 01 00000000", Http2ErrorCode.FrameSizeError)] // an acknowledgement that says something
    [InlineData("000007 06 00 00000000", Http2ErrorCode.FrameSizeError)]
    [InlineData("000003 03 00 00000001", Http2ErrorCode.FrameSizeError)]
    [InlineData("000005 08 00 00000000", Http2ErrorCode.FrameSizeError)]
    [InlineData("000007 07 00 00000000", Http2ErrorCode.FrameSizeError)]
    [InlineData("004001 00 00 00000001", Http2ErrorCode.FrameSizeError)]
    [InlineData("004001 99 00 00000001", Http2ErrorCode.FrameSizeError)]
    public void AFrameThatCannotBe_IsRefused_BeforeItsPayload(string head, Http2ErrorCode error)
    {
        Assert.Equal(FrameStatus.Refused, Frame.Read(Convert.FromHexString(head.Replace(" ", "")), out _, out _, out var found));
        Assert.Equal(error, found);
    }

    [Theory]
    [InlineData(FrameType.Data, FrameFlags.Padded, "03616200 0000", "6162")]
    [InlineData(FrameType.Data, FrameFlags.Padded, "00", "")]
    [InlineData(FrameType.Data, FrameFlags.Padded, "", null)]
    [InlineData(FrameType.Data, FrameFlags.Padded, "0361", null)]
    [InlineData(FrameType.Headers, FrameFlags.Priority, "000000000082", "82")]
    [InlineData(FrameType.Headers, FrameFlags.Priority | FrameFlags.Padded, "01000000000082 00", "82")]
    [InlineData(FrameType.Headers, FrameFlags.Priority, "00000000", null)]
    public void Content_IsWhatIsNoPaddingAndNoPriority(FrameType type, FrameFlags flags, string payload, string? content)
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.Write(output, type, flags, 1, Convert.FromHexString(payload.Replace(" ", "")));
        Frame.Read(output.WrittenSpan, out var frame, out _, out _);

        Assert.Equal(content is not null, frame.TryContent(out var found));
        Assert.Equal(content ?? "", content is null ? "" : Convert.ToHexStringLower(found));
    }
}
