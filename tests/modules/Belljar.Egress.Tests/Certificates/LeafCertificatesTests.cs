using Belljar.Egress.Certificates;
using Belljar.Testing;

namespace Belljar.Egress.Tests.Certificates;

public class LeafCertificatesTests
{
    private readonly SessionAuthority _authority = SessionAuthority.Open(TestGate.Secrets.Authority);

    [Fact]
    public void For_TheSameHost_IsTheSameLeaf()
    {
        var leaves = new LeafCertificates(_authority, TimeProvider.System, most: 10);

        Assert.Same(leaves.For("a.example"), leaves.For("a.example"));
        Assert.NotSame(leaves.For("a.example"), leaves.For("b.example"));
    }

    [Fact]
    public void For_MoreHostsThanRoom_ForgetsTheOneUnusedLongest()
    {
        var leaves = new LeafCertificates(_authority, TimeProvider.System, most: 3);
        var kept = leaves.For("kept.example");

        for (var i = 0; i < 50; i++)
        {
            leaves.For($"flood-{i}.example");
            Assert.Same(kept, leaves.For("kept.example"));
        }

        Assert.Equal(3, leaves.Count);
    }

    [Fact]
    public void For_ALeafOfHalfItsLife_IsMintedAnew()
    {
        var clock = new ManualClock();
        var leaves = new LeafCertificates(_authority, clock, most: 3);
        var old = leaves.For("a.example");

        clock.Advance(TimeSpan.FromDays(16));

        Assert.NotSame(old, leaves.For("a.example"));
        Assert.Equal(1, leaves.Count);
    }
}
