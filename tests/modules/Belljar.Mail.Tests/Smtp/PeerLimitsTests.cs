using System.Net;
using Belljar.Mail.Smtp;

namespace Belljar.Mail.Tests.Smtp;

public sealed class PeerLimitsTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public void Peers_AreCountedByAddressOr64(string first, string second, bool isSame)
    {
        var limits = new PeerLimits(100, 1);
        Assert.True(limits.TryEnter(IPAddress.Parse(first)));
        Assert.Equal(!isSame, limits.TryEnter(IPAddress.Parse(second)));
        limits.Leave(IPAddress.Parse(first));
        Assert.Equal(isSame, limits.TryEnter(IPAddress.Parse(second)));
    }

    [Fact]
    public void All_AreCountedTogether()
    {
        var limits = new PeerLimits(2, 2);
        Assert.True(limits.TryEnter(IPAddress.Parse("192.0.2.1")));
        Assert.True(limits.TryEnter(IPAddress.Parse("192.0.2.2")));
        Assert.False(limits.TryEnter(IPAddress.Parse("192.0.2.3")));
        Assert.Equal(2, limits.InAll);
    }
}
