using System.Net;
using Belljar.Decoys.Presence;

namespace Belljar.Decoys.Tests.Presence;

public class ConnectionLimitsTests
{
    private static readonly IPAddress One = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Two = IPAddress.Parse("192.0.2.2");

    [Fact]
    public void OneSource_CannotTakeAllPlaces()
    {
        var limits = new ConnectionLimits(total: 3, perSource: 2);
        var first = limits.Admit(One);
        Assert.NotNull(limits.Admit(One));

        Assert.Null(limits.Admit(One));
        Assert.NotNull(limits.Admit(Two));
        Assert.Null(limits.Admit(Two));

        first!.Dispose();
        Assert.NotNull(limits.Admit(Two));
        Assert.Equal(2, limits.Refused);
        Assert.Equal(3, limits.Open);
    }
}
