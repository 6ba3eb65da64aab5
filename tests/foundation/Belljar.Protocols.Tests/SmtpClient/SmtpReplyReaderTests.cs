using System.Text;
using Belljar.Protocols.SmtpClient;
using Belljar.Testing;

namespace Belljar.Protocols.Tests.SmtpClient;

public sealed class SmtpReplyReaderTests
{
    [Theory]
    [InlineData("250 ok\r\n", 250, "ok")]
    [InlineData("250\r\n", 250, "")]
    [InlineData("250-a\r\n250-\r\n250 b\r\n", 250, "a||b")]
    [InlineData("550 5.1.1 nobody\r\n", 550, "5.1.1 nobody")]
    [InlineData("220 a\tb\u001b[2Jc\r\n", 220, "a?b?[2Jc")]
    [InlineData("220 grüße\r\n", 220, "grüße")]
    public void Reply_IsRead_HoweverItIsCut(string text, int code, string lines)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var reader = new SmtpReplyReader();
            ReadOnlySpan<byte> first = bytes.AsSpan(0, cut);
            var status = reader.Read(ref first, out var reply);
            if (cut < bytes.Length)
            {
                Assert.Equal(SmtpReplyStatus.NeedsInput, status);
                ReadOnlySpan<byte> second = bytes.AsSpan(cut);
                status = reader.Read(ref second, out reply);
            }

            Assert.Equal(SmtpReplyStatus.Complete, status);
            Assert.Equal((code, lines), (reply!.Code, string.Join('|', reply.Lines)));
            Assert.False(reader.IsInside);
        }
    }

    [Theory]
    [InlineData("250 ok\n")]
    [InlineData("250 o\rk\r\n")]
    [InlineData("250-a\r\n251 b\r\n")]
    [InlineData("250-a\r\n25\r\n")]
    [InlineData("600 a\r\n")]
    [InlineData("260 a\r\n")]
    [InlineData("25a b\r\n")]
    [InlineData("\r\n")]
    [InlineData(" 250 a\r\n")]
    [InlineData("250+a\r\n")]
    [InlineData("2500 a\r\n")]
    public void WhatIsNoReply_IsMalformed(string text) => Assert.Equal(SmtpReplyStatus.Malformed, Read(text));

    [Fact]
    public void EndlessLine_EndsAtItsBound()
    {
        Assert.Equal(SmtpReplyStatus.Malformed, Read(new string('2', SmtpReplyReader.LongestLine + 1)));
        Assert.Equal(SmtpReplyStatus.Complete, Read($"250 {new string('x', SmtpReplyReader.LongestLine - 6)}\r\n"));
    }

    [Fact]
    public void EndlessReply_EndsAtItsBound()
    {
        var lines = string.Concat(Enumerable.Repeat("250-x\r\n", SmtpReplyReader.MostLines - 1));
        Assert.Equal(SmtpReplyStatus.Complete, Read(lines + "250 x\r\n"));
        Assert.Equal(SmtpReplyStatus.Malformed, Read(lines + "250-x\r\n250 x\r\n"));
    }

    [Theory]
    [InlineData("5.1.1 x", "5.1.1")]
    [InlineData("5.1.10", "5.1.10")]
    [InlineData("2.1.1 class of another code", null)]
    [InlineData("5.1 x", null)]
    [InlineData("5.1.1.1 x", null)]
    [InlineData("5.1.1234 x", null)]
    [InlineData("5.1.+1 x", null)]
    public void EnhancedCode_IsTakenWhereItIsOne(string text, string? expected)
    {
        ReadOnlySpan<byte> input = Encoding.ASCII.GetBytes($"550 {text}\r\n");
        new SmtpReplyReader().Read(ref input, out var reply);
        Assert.Equal(expected, reply!.Enhanced?.ToString());
    }

    [Fact]
    public void Capabilities_UnderstandWhatTheyCan()
    {
        ReadOnlySpan<byte> input = "250-size 12 is no capability here\r\n250-size 99999999999999999999\r\n250-Auth plain\r\n250-\r\n250 CHUNKING x\r\n"u8;
        new SmtpReplyReader().Read(ref input, out var reply);
        var found = SmtpCapabilities.Of(reply!);
        Assert.Equal((true, (long?)null, true, false), (found.Size, found.LargestMessage, found.Chunking, found.Pipelining));
        Assert.Equal(["PLAIN"], found.AuthMechanisms);
    }

    /// <summary>Whatever a server says, the session ends, waits, or goes on; it never throws, and never takes a message for accepted that it has not sent.</summary>
    [Fact]
    public void Session_AnyBytes_NeverThrows()
    {
        byte[][] samples = ["220 mx\r\n250-mx\r\n250 PIPELINING\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n221 bye\r\n"u8.ToArray(), "220 mx\r\n250 STARTTLS\r\n220 go\r\n"u8.ToArray()];
        byte[][] words = ["250 ok\r\n"u8.ToArray(), "354 x\r\n"u8.ToArray(), "421 x\r\n"u8.ToArray(), "550 5.1.1 x\r\n"u8.ToArray(), "250-"u8.ToArray(), "\r\n"u8.ToArray(), "999"u8.ToArray()];
        Fuzz.Run(samples, words, bytes =>
        {
            var server = new ScriptedServer(new SmtpClientSession(new SmtpClientOptions { HelloName = "us.test" }), SmtpClientSessionTests.To("a@b.test", "c@b.test"));
            server.Feed(bytes);
            Assert.All(server.Results, results => Assert.Equal(2, results.Count));
        });
    }

    [Theory]
    [InlineData("a\r\n.\r\n..b\r\n.c", "a\r\n..\r\n...b\r\n..c\r\n.\r\n")]
    [InlineData("", ".\r\n")]
    [InlineData(".", "..\r\n.\r\n")]
    [InlineData("a\r\n", "a\r\n.\r\n")]
    [InlineData("a\n", "a\n\r\n.\r\n")]
    public void DotStuffing_InAnyPieces_IsTheSame(string message, string expected)
    {
        for (var cut = 0; cut <= message.Length; cut++)
        {
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            var stuffing = new DotStuffing();
            stuffing.Write(Encoding.ASCII.GetBytes(message[..cut]), output);
            stuffing.Write(Encoding.ASCII.GetBytes(message[cut..]), output);
            stuffing.End(output);
            Assert.Equal(expected, Encoding.ASCII.GetString(output.WrittenSpan));
        }
    }

    private static SmtpReplyStatus Read(string text)
    {
        ReadOnlySpan<byte> input = Encoding.ASCII.GetBytes(text);
        return new SmtpReplyReader().Read(ref input, out _);
    }
}
