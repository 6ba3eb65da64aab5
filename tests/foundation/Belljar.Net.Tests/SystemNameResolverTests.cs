using System.Net;

namespace Belljar.Net.Tests;

public class SystemNameResolverTests
{
    [Theory]
    [InlineData("localhost")]
    [InlineData("db.localhost")]
    public async Task Resolve_Localhost_IsLoopbackWithoutAskingAnybody(string name)
    {
        var found = await new SystemNameResolver().ResolveAsync(name, CancellationToken.None);

        Assert.Equal([IPAddress.Loopback, IPAddress.IPv6Loopback], found.Addresses);
    }

    [Theory]
    [InlineData("a..b")]
    public async Task Resolve_ANameThatIsNone_IsAFailureAndNoException(string name)
    {
        var found = await new SystemNameResolver().ResolveAsync(name, CancellationToken.None);

        Assert.Empty(found.Addresses);
        Assert.NotNull(found.Failure);
    }
}
