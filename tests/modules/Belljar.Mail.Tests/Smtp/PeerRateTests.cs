using System.Net;
using Belljar.Mail.Smtp;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Smtp;

public sealed class PeerRateTests
{
    private static readonly IPAddress Peer = IPAddress.Parse("192.0.2.1");

    private readonly ManualClock _clock = new();

    [Fact]
    public void Bucket_Empties_AndFillsWithTime()
    {
        var rate = new PeerRate(6, _clock);
        Assert.All(Enumerable.Range(0, 6), _ => Assert.True(rate.TryTake(Peer)));
        Assert.False(rate.TryTake(Peer));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(rate.TryTake(Peer));
        Assert.False(rate.TryTake(Peer));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(6, Enumerable.Range(0, 20).Count(_ => rate.TryTake(Peer)));
    }

    [Fact]
    public void Peers_HaveABucketEach_AndAnIPv6NetworkHasOne()
    {
        var rate = new PeerRate(1, _clock);
        Assert.True(rate.TryTake(Peer));
        Assert.True(rate.TryTake(IPAddress.Parse("192.0.2.2")));
        Assert.True(rate.TryTake(IPAddress.Parse("2001:db8::1")));
        Assert.False(rate.TryTake(IPAddress.Parse("2001:db8::ffff")));
        Assert.True(rate.TryTake(IPAddress.Parse("2001:db8:0:1::1")));
    }

    [Fact]
    public void Loopback_AndARateOfZero_AreNotCounted()
    {
        var rate = new PeerRate(1, _clock);
        Assert.All(Enumerable.Range(0, 5), _ => Assert.True(rate.TryTake(IPAddress.Loopback)));
        var none = new PeerRate(0, _clock);
        Assert.All(Enumerable.Range(0, 5), _ => Assert.True(none.TryTake(Peer)));
    }

    [Fact]
    public void Flood_FromVeryManyPeers_IsBounded()
    {
        var rate = new PeerRate(1, _clock);
        for (uint i = 0; i < 60_000; i++)
        {
            Assert.True(rate.TryTake(new IPAddress(i + 0x0A000000)));
        }

        // The flood made room by forgetting; the newest is still known.
        Assert.False(rate.TryTake(new IPAddress(59_999u + 0x0A000000)));
    }
}
