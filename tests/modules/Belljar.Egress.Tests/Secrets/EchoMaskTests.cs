using System.Text;
using Belljar.Egress.Secrets;

namespace Belljar.Egress.Tests.Secrets;

public class EchoMaskTests
{
    private const string Value = "r3al-s3cret/value+1";

    [Fact]
    public void Append_EveryFormOfAValue_IsCoveredWithTheSameLength()
    {
        Assert.All(SecretForms.Of(Value), form =>
        {
            byte[] stream = [.. "before "u8, .. form, .. " after"u8];

            var masked = Mask(stream, stream.Length);

            Assert.Equal("before " + new string('*', form.Length) + " after", Encoding.Latin1.GetString(masked));
        });
    }

    [Theory]
    [InlineData("user:")]
    [InlineData("u:")]
    [InlineData("us:")]
    public void Append_BasicAuthentication_IsCovered(string before)
    {
        var text = Convert.ToBase64String(Encoding.ASCII.GetBytes(before + Value));

        var masked = Encoding.ASCII.GetString(Mask(Encoding.ASCII.GetBytes(text), 1));

        Assert.Equal(text.Length, masked.Length);
        Assert.True(masked.Count(c => c == '*') >= (Value.Length * 8 / 6) - 2, masked);
    }

    [Fact]
    public void Append_CutAnywhere_GivesTheSame()
    {
        var stream = Encoding.ASCII.GetBytes($"data: {Value}{Value[..7]}{Value} and {Value[..^1]} end {Value[..5]}");
        var whole = Mask(stream, stream.Length);

        Assert.DoesNotContain(Value, Encoding.ASCII.GetString(whole));
        Assert.Contains(Value[..^1], Encoding.ASCII.GetString(whole));
        for (var size = 1; size < 60; size++)
        {
            Assert.Equal(whole, Mask(stream, size));
        }
    }

    [Fact]
    public void Append_WhatCannotBeAValue_PassesAtOnce()
    {
        var mask = new EchoMask(Automaton());

        Assert.Equal("data: hello\n\n", Encoding.ASCII.GetString(mask.Append("data: hello\n\n"u8)));
    }

    private static ValueAutomaton Automaton() => new([.. SecretForms.Of(Value).Select(form => (0, form))]);

    private static byte[] Mask(byte[] stream, int size)
    {
        var mask = new EchoMask(Automaton());
        var masked = new List<byte>();
        foreach (var part in stream.Chunk(size))
        {
            masked.AddRange(mask.Append(part));
        }

        masked.AddRange(mask.End());
        return [.. masked];
    }
}
