using System.Buffers;
using System.Text;
using Belljar.Protocols.Http1;
using Belljar.Protocols.Http2;

namespace Belljar.Protocols.Tests.Http2;

public class HpackTests
{
    /// <summary>The examples of RFC 7541, appendices C.3, C.4 and C.6: each a connection with three sections on one table.</summary>
    public static TheoryData<string[], string[]> Examples() => new()
    {
        {
            [
                "828684410f7777772e6578616d706c652e636f6d",
                "828684be58086e6f2d6361636865",
                "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
            ],
            [
                ":method: GET|:scheme: http|:path: /|:authority: www.example.com",
                ":method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache",
                ":method: GET|:scheme: https|:path: /index.html|:authority: www.example.com|custom-key: custom-value",
            ]
        },
        {
            [
                "828684418cf1e3c2e5f23a6ba0ab90f4ff",
                "828684be5886a8eb10649cbf",
                "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
            ],
            [
                ":method: GET|:scheme: http|:path: /|:authority: www.example.com",
                ":method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache",
                ":method: GET|:scheme: https|:path: /index.html|:authority: www.example.com|custom-key: custom-value",
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void Decode_TheExamplesOfTheRfc(string[] blocks, string[] fields)
    {
        var decoder = new HpackDecoder();

        Assert.Equal(fields, blocks.Select(block => Decode(decoder, Convert.FromHexString(block))));
    }

    [Fact]
    public void Decode_ATableThatIsMadeSmaller_ForgetsTheOldest()
    {
        var decoder = new HpackDecoder();

        // Two entries of 34 bytes; then a table of 34, in which there is room for the newest.
        Assert.Equal("a: b|c: d", Decode(decoder, [0x40, 1, (byte)'a', 1, (byte)'b', 0x40, 1, (byte)'c', 1, (byte)'d']));
        Assert.Equal("c: d", Decode(decoder, [0x3f, 34 - 31, 0xbe]));
        Assert.False(decoder.TryDecode([0xbf], new FieldSection(Http1Limits.Default)));
    }

    [Fact]
    public void Decode_AnEntryLargerThanTheTable_EmptiesIt()
    {
        var decoder = new HpackDecoder();
        Decode(decoder, [0x40, 1, (byte)'a', 1, (byte)'b']);

        Decode(decoder, [0x40, 1, (byte)'c', 127, 0x81, 0x1f, .. new byte[4096]]);

        Assert.False(decoder.TryDecode([0xbe], new FieldSection(Http1Limits.Default)));
    }

    [Theory]
    [InlineData("80", "index 0")]
    [InlineData("be", "an entry that is not there")]
    [InlineData("3fe21f", "a table of 4097 bytes")]
    [InlineData("823f0a", "a new size behind a field")]
    [InlineData("202020", "three new sizes")]
    [InlineData("00", "a literal without its name")]
    [InlineData("000161", "a literal without its value")]
    [InlineData("0001610562", "a value that is cut off")]
    [InlineData("ff", "a number that is cut off")]
    [InlineData("ffffffffffff7f", "a number too long")]
    [InlineData("00016184ffffffff", "the end of a string inside a string")]
    [InlineData("000161821fff", "padding of more than seven bits")]
    [InlineData("0001618118", "padding that is not all ones")]
    public void Decode_WhatIsMalformed_IsRefused(string block, string what)
        => Assert.False(new HpackDecoder().TryDecode(Convert.FromHexString(block), new FieldSection(Http1Limits.Default)), what);

    [Theory]
    [InlineData("x", "y")]
    [InlineData("Content-Type", "text/plain")]
    [InlineData("set-cookie", "")]
    public void Encode_IsRead(string name, string value)
    {
        foreach (var length in new[] { 0, 1, 126, 127, 128, 300, 20_000 })
        {
            var output = new ArrayBufferWriter<byte>();
            var text = value + new string('v', length);

            HpackEncoder.Status(output, 404);
            HpackEncoder.Status(output, 418);
            HpackEncoder.Field(output, Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(text), isSecret: length % 2 == 0);

            Assert.Equal($":status: 404|:status: 418|{name.ToLowerInvariant()}: {text}", Decode(new HpackDecoder(), output.WrittenSpan));
        }
    }

    [Fact]
    public void ASectionThatIsTooLarge_IsCountedToItsEnd()
    {
        var decoder = new HpackDecoder();
        var section = new FieldSection(new Http1Limits(LongestHead: 100, MostFields: 3));

        Assert.True(decoder.TryDecode([0x82, 0x82, 0x82, 0x82, 0x40, 1, (byte)'a', 1, (byte)'b'], section));

        Assert.True(section.IsTooLarge);
        Assert.Equal("a: b", Decode(decoder, [0xbe]));
    }

    /// <summary>Anything may come: it is decoded or refused, in bounded room.</summary>
    [Fact]
    public void Decode_AnyBytes_NeverFails()
    {
        var random = new Random(7541);
        var bytes = new byte[64];
        var (decoder, section) = (new HpackDecoder(), new FieldSection(Http1Limits.Default));
        for (var i = 0; i < 50_000; i++)
        {
            random.NextBytes(bytes);
            section.Clear();
            if (!decoder.TryDecode(bytes.AsSpan(0, random.Next(bytes.Length)), section))
            {
                decoder = new HpackDecoder();
            }

            Assert.InRange(section.Count, 0, Http1Limits.Default.MostFields);
        }
    }

    private static string Decode(HpackDecoder decoder, ReadOnlySpan<byte> block)
    {
        var section = new FieldSection(Http1Limits.Default);
        Assert.True(decoder.TryDecode(block, section));
        var fields = new List<string>();
        for (var i = 0; i < section.Count; i++)
        {
            fields.Add($"{Encoding.Latin1.GetString(section[i].Name)}: {Encoding.Latin1.GetString(section[i].Value)}");
        }

        return string.Join('|', fields);
    }
}
