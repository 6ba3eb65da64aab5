using System.Text;
using Belljar.Protocols.Smtp;

namespace Belljar.Protocols.Tests.Smtp;

public sealed class SmtpPathTests
{
    [Theory]
    [InlineData("<a@b>", "a", "b")]
    [InlineData("<first.last+tag@Example.ORG>", "first.last+tag", "Example.ORG")]
    [InlineData("<!#$%&'*+-/=?^_`{|}~@x.test>", "!#$%&'*+-/=?^_`{|}~", "x.test")]
    [InlineData("<\"a b\"@x.test>", "a b", "x.test")]
    [InlineData("<\"a\\\"b\\\\c\"@x.test>", "a\"b\\c", "x.test")]
    [InlineData("<\"\"@x.test>", "", "x.test")]
    [InlineData("<\"@\"@x.test>", "@", "x.test")]
    [InlineData("<a@[192.0.2.1]>", "a", "[192.0.2.1]")]
    [InlineData("<a@[IPv6:2001:db8::1]>", "a", "[IPv6:2001:db8::1]")]
    [InlineData("<@a.test,@b.test:c@d.test>", "c", "d.test")]
    [InlineData("<@[192.0.2.1]:c@d.test>", "c", "d.test")]
    [InlineData("<postMaster>", "postMaster", "")]
    [InlineData("<a@my_host.test>", "a", "my_host.test")]
    [InlineData("<дом@почта.test>", "дом", "почта.test")]
    public void Path_WellFormed_IsRead(string text, string localPart, string domain)
    {
        Assert.True(TryParse(text, out var address));
        Assert.Equal(new SmtpAddress(localPart, domain), address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a@b")]
    [InlineData("<a@b")]
    [InlineData("<a>")]
    [InlineData("<@b>")]
    [InlineData("<a@>")]
    [InlineData("<a@b@c>")]
    [InlineData("<a b@c>")]
    [InlineData("<.a@b>")]
    [InlineData("<a.@b>")]
    [InlineData("<a..b@c>")]
    [InlineData("<a@.b>")]
    [InlineData("<a@b.>")]
    [InlineData("<a@b..c>")]
    [InlineData("<a@-b>")]
    [InlineData("<a@b->")]
    [InlineData("<a@b c>")]
    [InlineData("<\"a@b>")]
    [InlineData("<\"a\"b@c>")]
    [InlineData("<\"a\\\"@c>")]
    [InlineData("<a@[1.2.3]>")]
    [InlineData("<a@[1.2.3.256]>")]
    [InlineData("<a@[0x7f.1]>")]
    [InlineData("<a@[2001:db8::1]>")]
    [InlineData("<a@[IPv6:fe80::1%eth0]>")]
    [InlineData("<a@[]>")]
    [InlineData("<a@[1.2.3.4]x>")]
    [InlineData("<@a.test c@d.test>")]
    [InlineData("<@a.test,c@d.test>")]
    [InlineData("<@a.test:>")]
    [InlineData("<a,b@c>")]
    [InlineData("<(c)a@b>")]
    public void Path_Malformed_IsRefused(string text) => Assert.False(TryParse(text, out _));

    [Fact]
    public void Path_OfTheNullSender_IsNoAddress()
    {
        Assert.True(TryParse("<>", out var address));
        Assert.Null(address);
    }

    [Fact]
    public void Path_LongParts_AreRefused()
    {
        Assert.True(TryParse($"<{new string('a', 64)}@b>", out _));
        Assert.False(TryParse($"<{new string('a', 65)}@b>", out _));
        Assert.True(TryParse($"<\"{new string('a', 64)}\"@b>", out _));
        Assert.False(TryParse($"<\"{new string('a', 65)}\"@b>", out _));
        Assert.True(TryParse($"<a@{new string('b', 63)}.c>", out _));
        Assert.False(TryParse($"<a@{new string('b', 64)}.c>", out _));
        Assert.False(TryParse($"<a@{string.Join('.', Enumerable.Repeat("abcdefg", 33))}>", out _));
    }

    [Fact]
    public void Path_InvalidUtf8_IsRefused()
    {
        ReadOnlySpan<byte> input = [(byte)'<', 0xC3, (byte)'@', (byte)'b', (byte)'>'];
        Assert.False(SmtpPath.TryParse(ref input, out _));
        Assert.Equal(5, input.Length);
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("a b", "b")]
    [InlineData("", "b")]
    [InlineData(".a", "b")]
    [InlineData("a\"\\", "b")]
    [InlineData("a..b", "[192.0.2.1]")]
    public void Address_Written_IsReadAgain(string localPart, string domain)
    {
        var address = new SmtpAddress(localPart, domain);
        Assert.True(TryParse($"<{address}>", out var again));
        Assert.Equal(address, again);
    }

    private static bool TryParse(string text, out SmtpAddress? address)
    {
        ReadOnlySpan<byte> input = Encoding.UTF8.GetBytes(text);
        return SmtpPath.TryParse(ref input, out address) && input.IsEmpty;
    }
}
