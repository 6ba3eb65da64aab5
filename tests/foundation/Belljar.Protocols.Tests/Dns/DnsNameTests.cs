using Belljar.Protocols.Dns;

namespace Belljar.Protocols.Tests.Dns;

public sealed class DnsNameTests
{
    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a.b..")]
    [InlineData("bücher.example")]
    [InlineData("a\r\nb.example")]
    [InlineData("a\0.example")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123.example")]
    public void TryParse_WhatIsNoName_IsRefused(string text) => Assert.False(DnsName.TryParse(text, out _));

    [Theory]
    [InlineData("a", "a")]
    [InlineData("Example.ORG.", "Example.ORG")]
    [InlineData("_dmarc.example.org", "_dmarc.example.org")]
    [InlineData("a b/c:d.example", "a\\032b/c:d.example")]
    [InlineData("a\\.example", "a\\\\.example")]
    public void TryParse_Name_IsShownPlainly(string text, string shown)
    {
        Assert.True(DnsName.TryParse(text, out var name));
        Assert.Equal(shown, name.ToString());
    }

    [Fact]
    public void Equals_IgnoresCaseOfLettersAlone()
    {
        Assert.Equal(DnsName.Parse("EXAMPLE.org"), DnsName.Parse("example.ORG"));
        Assert.Equal(DnsName.Parse("EXAMPLE.org").GetHashCode(), DnsName.Parse("example.ORG").GetHashCode());
        Assert.NotEqual(DnsName.Parse("a@b"), DnsName.Parse("a`b"));
    }

    [Fact]
    public void TryParse_OfTheGreatestLength_FitsTheWire()
    {
        var label = new string('x', 63);
        Assert.True(DnsName.TryParse($"{label}.{label}.{label}.{new string('x', 61)}", out var name));
        Assert.Equal(DnsName.LongestName, name.Wire.Length);
        Assert.False(DnsName.TryParse($"{label}.{label}.{label}.{new string('x', 62)}", out _));
    }
}
