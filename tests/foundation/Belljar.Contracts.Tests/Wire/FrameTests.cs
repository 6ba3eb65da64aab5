using System.Buffers;
using System.Text;
using Belljar.Contracts.Wire;

namespace Belljar.Contracts.Tests.Wire;

public class FrameTests
{
    [Fact]
    public void Read_WhatWasWritten_GivesItBack()
    {
        var bytes = Written("PUB", "mail.agent.received", "{\"a\":1}");

        var status = Frame.Read(ref bytes, out var frame);

        Assert.Equal(FrameStatus.Complete, status);
        Assert.Equal(("PUB", "mail.agent.received"), (frame.Verb, frame.Argument));
        Assert.Equal("{\"a\":1}", Encoding.UTF8.GetString(frame.Body));
        Assert.True(bytes.IsEmpty);
    }

    [Fact]
    public void Read_CutAtEveryByte_IsIncompleteUntilTheLast()
    {
        var whole = Written("EVT", "a.b", "body").ToArray();
        for (var cut = 0; cut < whole.Length; cut++)
        {
            var bytes = new ReadOnlySequence<byte>(whole, 0, cut);
            Assert.Equal(FrameStatus.Incomplete, Frame.Read(ref bytes, out _));
            Assert.Equal(cut, bytes.Length);
        }
    }

    [Fact]
    public void Read_TwoFrames_LeavesTheSecond()
    {
        var two = new ReadOnlySequence<byte>([.. Written("HELLO", "x", "").ToArray(), .. Written("BYE", "", "").ToArray()]);

        Frame.Read(ref two, out var first);
        Frame.Read(ref two, out var second);

        Assert.Equal(("HELLO", "BYE"), (first.Verb, second.Verb));
        Assert.Equal("", second.Argument);
    }

    [Fact]
    public void Read_HeaderEndingInCrLf_IsTolerated()
    {
        var bytes = new ReadOnlySequence<byte>("SUB a.>\r\n\0\0\0\0"u8.ToArray());

        Assert.Equal(FrameStatus.Complete, Frame.Read(ref bytes, out var frame));
        Assert.Equal("a.>", frame.Argument);
    }

    [Theory]
    [InlineData("\n\0\0\0\0")]
    [InlineData(" x\n\0\0\0\0")]
    [InlineData("PUB a\tb\n\0\0\0\0")]
    [InlineData("PUB \u00ff\n\0\0\0\0")]
    [InlineData("PUB a\n\u00ff\u00ff\u00ff\u00ff")]
    [InlineData("PUB a\n\0\u0010\0\u0001")]
    public void Read_OutsideTheRules_IsMalformed(string text)
    {
        var bytes = new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(text));

        Assert.Equal(FrameStatus.Malformed, Frame.Read(ref bytes, out _));
    }

    [Fact]
    public void Read_HeaderWithoutEnd_IsMalformedAtTheBound()
    {
        var bytes = new ReadOnlySequence<byte>(Enumerable.Repeat((byte)'A', Frame.LongestHeader).ToArray());

        Assert.Equal(FrameStatus.Malformed, Frame.Read(ref bytes, out _));
    }

    private static ReadOnlySequence<byte> Written(string verb, string argument, string body)
    {
        var output = new ArrayBufferWriter<byte>();
        Frame.Write(output, verb, argument, Encoding.UTF8.GetBytes(body));
        return new ReadOnlySequence<byte>(output.WrittenMemory);
    }
}
