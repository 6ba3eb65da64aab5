using System.Buffers;
using System.Text;
using Belljar.Protocols.WebSocket;
using Belljar.Testing;

namespace Belljar.Protocols.Tests.WebSocket;

public class FrameReaderTests
{
    private static readonly byte[] Mask = [1, 2, 3, 4];

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 125)]
    [InlineData(true, 126)]
    [InlineData(true, 65535)]
    [InlineData(true, 65536)]
    [InlineData(false, 5)]
    [InlineData(false, 70000)]
    public void Written_IsReadAgain_HoweverItIsCut(bool fromClient, int length)
    {
        var payload = new byte[length];
        new Random(length).NextBytes(payload);
        var wire = new ArrayBufferWriter<byte>();
        FrameWriter.Write(wire, WebSocketOpcode.Binary, isFinal: true, payload, fromClient ? Mask : []);

        foreach (var size in new[] { 1, 2, 7, 1000, wire.WrittenCount })
        {
            var (text, refusal) = Read(fromClient, wire.WrittenSpan.ToArray(), size);

            Assert.Equal(WebSocketRefusal.None, refusal);
            Assert.Equal($"[Binary:{length}:final]{Convert.ToHexString(payload)}.", text);
        }
    }

    [Fact]
    public void Fragments_WithAControlFrameBetween_AreInOrder()
    {
        var wire = new ArrayBufferWriter<byte>();
        FrameWriter.Write(wire, WebSocketOpcode.Text, isFinal: false, "ab"u8, []);
        FrameWriter.Write(wire, WebSocketOpcode.Ping, isFinal: true, "p"u8, []);
        FrameWriter.Write(wire, WebSocketOpcode.Continuation, isFinal: true, "c"u8, []);

        var (text, refusal) = Read(false, wire.WrittenSpan.ToArray(), 3);

        Assert.Equal(WebSocketRefusal.None, refusal);
        Assert.Equal("[Text:2:more]6162.[Ping:1:final]70.[Continuation:1:final]63.", text);
    }

    [Theory]
    [InlineData("C1 00", false, WebSocketRefusal.ReservedBit)] // compressed, as permessage-deflate would
    [InlineData("A1 00", false, WebSocketRefusal.ReservedBit)]
    [InlineData("83 00", false, WebSocketRefusal.ReservedOpcode)]
    [InlineData("8B 00", false, WebSocketRefusal.ReservedOpcode)]
    [InlineData("81 00", true, WebSocketRefusal.WrongMask)]
    [InlineData("81 80", false, WebSocketRefusal.WrongMask)]
    [InlineData("09 00", false, WebSocketRefusal.ControlMalformed)]
    [InlineData("89 7E 00 7E", false, WebSocketRefusal.ControlMalformed)]
    [InlineData("82 7E 00 7D", false, WebSocketRefusal.LengthMalformed)]
    [InlineData("82 7F 00 00 00 00 00 00 FF FF", false, WebSocketRefusal.LengthMalformed)]
    [InlineData("82 7F 80 00 00 00 00 00 00 00", false, WebSocketRefusal.LengthMalformed)]
    [InlineData("80 00", false, WebSocketRefusal.OutOfOrder)]
    [InlineData("01 00 81 00", false, WebSocketRefusal.OutOfOrder)]
    [InlineData("47 45 54 20 2F", true, WebSocketRefusal.ReservedBit)] // GET /
    public void WhatTwoReadersCouldTakeDifferently_IsRefused(string hex, bool fromClient, WebSocketRefusal refusal)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", ""));

        Assert.Equal(refusal, Read(fromClient, bytes, bytes.Length).Refusal);
        Assert.Equal(refusal, Read(fromClient, bytes, 1).Refusal);
        Assert.NotEqual("", refusal.Describe());
    }

    [Fact]
    public void Accept_IsTheExampleOfTheStandard()
        => Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WebSocketHandshake.AcceptOf("dGhlIHNhbXBsZSBub25jZQ=="u8));

    [Fact]
    public void Fuzz_TheAnswerDoesNotDependOnTheCut()
    {
        var sample = new ArrayBufferWriter<byte>();
        FrameWriter.Write(sample, WebSocketOpcode.Text, isFinal: false, "hello"u8, Mask);
        FrameWriter.Write(sample, WebSocketOpcode.Ping, isFinal: true, "x"u8, Mask);
        FrameWriter.Write(sample, WebSocketOpcode.Continuation, isFinal: true, new byte[300], Mask);
        byte[][] words = [[0x81, 0x80, 1, 2, 3, 4], [0x82, 0xfe, 0, 126], [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0], [0x88, 0x82], [0]];

        Fuzz.Run([sample.WrittenSpan.ToArray()], words, input => Assert.Equal(Read(true, input, input.Length + 1), Read(true, input, 3)), name: "websocket frames");
    }

    private static (string Text, WebSocketRefusal Refusal) Read(bool fromClient, byte[] bytes, int size)
    {
        var reader = new FrameReader(fromClient);
        var text = new StringBuilder();
        foreach (var part in bytes.Chunk(size))
        {
            ReadOnlySpan<byte> rest = part;
            while (true)
            {
                var status = reader.Read(rest, out var consumed, out var payload);
                rest = rest[consumed..];
                switch (status)
                {
                    case WebSocketFrameStatus.Head:
                        text.Append($"[{reader.Frame.Opcode}:{reader.Frame.Length}:{(reader.Frame.IsFinal ? "final" : "more")}]");
                        break;
                    case WebSocketFrameStatus.Payload:
                        var plain = new byte[payload.Length];
                        reader.Unmask(payload, plain);
                        text.Append(Convert.ToHexString(plain));
                        break;
                    case WebSocketFrameStatus.End:
                        text.Append('.');
                        break;
                    case WebSocketFrameStatus.Refused:
                        return (text.ToString(), reader.Refusal);
                }

                if (status is WebSocketFrameStatus.NeedsMore)
                {
                    break;
                }
            }
        }

        return (text.ToString(), reader.Refusal);
    }
}
