using System.Net;
using Belljar.Testing;

namespace Belljar.Hosting.Tests;

public class ListenAddressTests
{
    [Fact]
    public void Bind_AnAddressInUse_SaysWhatToDo()
    {
        using var first = ListenAddress.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var refused = Assert.Throws<OperatorException>(() => ListenAddress.Bind((IPEndPoint)first.LocalEndPoint!));

        Assert.Contains("in use by another program", refused.Message);
    }

    [Fact]
    public void Bind_AnAddressOfAnotherMachine_SaysSo()
    {
        var refused = Assert.Throws<OperatorException>(() => ListenAddress.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 2525)));

        Assert.Contains("not an address of this machine", refused.Message);
    }

    [Fact]
    public void SocketLock_HeldByOne_IsRefusedToAnotherUntilItIsGivenBack()
    {
        using var folder = new TemporaryFolder();
        using (SocketLock.Take(folder["x.sock"]))
        {
            Assert.Null(SocketLock.TryTake(folder["x.sock"]));
            Assert.Throws<OperatorException>(() => SocketLock.Take(folder["x.sock"]));
        }

        using var again = SocketLock.TryTake(folder["x.sock"]);
        Assert.NotNull(again);
    }

    [Fact]
    public void Paths_TooLongForASocket_AreRefusedWithTheReason()
    {
        var refused = Assert.Throws<OperatorException>(() => BelljarPaths.At("/" + new string('a', 100)));

        Assert.Contains("107 bytes", refused.Message);
    }

    [Fact]
    public void Paths_ThatAreRelative_AreRefused() => Assert.Throws<OperatorException>(() => BelljarPaths.At("home"));
}
