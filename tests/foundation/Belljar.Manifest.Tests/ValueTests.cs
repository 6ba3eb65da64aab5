using System.Net;

namespace Belljar.Manifest.Tests;

public class ValueTests
{
    [Theory]
    [InlineData("127.0.0.1:25", "127.0.0.1", 25)]
    [InlineData("[::1]:25", "::1", 25)]
    [InlineData("0.0.0.0:0", "0.0.0.0", 0)]
    public void Listen_InItsForms_IsRead(string text, string address, int port)
    {
        Assert.True(Address.Listen.TryParse(text, out var value));
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), port), value);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData(":25")]
    [InlineData("::1:25")]
    [InlineData("[127.0.0.1]:25")]
    [InlineData("127.1:25")]
    [InlineData("0x7f.0.0.1:25")]
    [InlineData("010.0.0.1:25")]
    [InlineData("2130706433:25")]
    [InlineData("localhost:25")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1: 25")]
    [InlineData("[fe80::1%eth0]:25")]
    public void Listen_InOtherForms_IsRefused(string text) => Assert.False(Address.Listen.TryParse(text, out _));

    [Theory]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/")]
    [InlineData("10/8")]
    [InlineData("::/129")]
    public void Network_WithBitsBeyondItsPrefixOrNone_IsRefused(string text) => Assert.False(Address.Network.TryParse(text, out _));

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("30s", 30)]
    [InlineData("10m", 600)]
    [InlineData("1d1h1m1s", 90061)]
    [InlineData("0s", 0)]
    public void Duration_InItsForms_IsRead(string text, double seconds)
    {
        Assert.True(Duration.Between(TimeSpan.Zero, TimeSpan.MaxValue).TryParse(text, out var value));
        Assert.Equal(TimeSpan.FromSeconds(seconds), value);
        Assert.Equal(text, Duration.Format(value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("s")]
    [InlineData("1s1h")]
    [InlineData("1h1h")]
    [InlineData("-1s")]
    [InlineData("1.5h")]
    [InlineData("9999999999d")]
    public void Duration_InOtherForms_IsRefused(string text)
        => Assert.False(Duration.Between(TimeSpan.Zero, TimeSpan.MaxValue).TryParse(text, out _));

    [Theory]
    [InlineData("25MiB", 25L << 20)]
    [InlineData("10kB", 10_000)]
    [InlineData("4096", 4096)]
    [InlineData("0B", 0)]
    public void ByteSize_InItsForms_IsRead(string text, long bytes)
    {
        Assert.True(ByteSize.Between(0, long.MaxValue).TryParse(text, out var value));
        Assert.Equal(bytes, value);
    }

    [Theory]
    [InlineData("MiB")]
    [InlineData("-1MiB")]
    [InlineData("1.5MiB")]
    [InlineData("25mib")]
    [InlineData("25 MiB")]
    [InlineData("9999999999TiB")]
    [InlineData("99999999999999999999")]
    public void ByteSize_InOtherForms_IsRefused(string text) => Assert.False(ByteSize.Between(0, long.MaxValue).TryParse(text, out _));

    [Theory]
    [InlineData("/var/lib/belljar", true)]
    [InlineData("relative", false)]
    [InlineData("/a/../b", false)]
    public void AbsolutePath_HasNoWayUp(string text, bool isAllowed) => Assert.Equal(isAllowed, Text.AbsolutePath.TryParse(text, out _));
}
