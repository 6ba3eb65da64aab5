namespace Belljar.Net.Tests;

public class HostSpellingTests
{
    [Theory]
    [InlineData("example.org", HostKind.Name, null)]
    [InlineData("localhost", HostKind.Name, null)]
    [InlineData("1e100.net", HostKind.Name, null)]
    [InlineData("127.0.0.1.example.org", HostKind.Name, null)]
    [InlineData("127.0.0.1", HostKind.Address, "127.0.0.1")]
    [InlineData("::1", HostKind.Address, "::1")]
    [InlineData("::ffff:127.0.0.1", HostKind.Address, "::ffff:127.0.0.1")]
    [InlineData("127.1", HostKind.Odd, "127.0.0.1")]
    [InlineData("127.0.1", HostKind.Odd, "127.0.0.1")]
    [InlineData("2130706433", HostKind.Odd, "127.0.0.1")]
    [InlineData("017700000001", HostKind.Odd, "127.0.0.1")]
    [InlineData("0x7f000001", HostKind.Odd, "127.0.0.1")]
    [InlineData("0x7f.1", HostKind.Odd, "127.0.0.1")]
    [InlineData("0177.0.0.01", HostKind.Odd, "127.0.0.1")]
    [InlineData("127.0.0.0x1", HostKind.Odd, "127.0.0.1")]
    [InlineData("010.0.0.1", HostKind.Odd, "8.0.0.1")]
    [InlineData("127.0.0.1.", HostKind.Odd, "127.0.0.1")]
    [InlineData("0", HostKind.Odd, "0.0.0.0")]
    [InlineData("0x", HostKind.Odd, "0.0.0.0")]
    [InlineData("localhost.", HostKind.Odd, null)]
    [InlineData("example.org.", HostKind.Odd, null)]
    [InlineData("1.2.3.4.5", HostKind.Odd, null)]
    [InlineData("256.1.1.1", HostKind.Odd, null)]
    [InlineData("1.2.3.256", HostKind.Odd, null)]
    [InlineData("4294967296", HostKind.Odd, null)]
    [InlineData("09.0.0.1", HostKind.Odd, null)]
    [InlineData("example.0x7f", HostKind.Odd, null)]
    [InlineData("fe80::1%lo", HostKind.Odd, null)]
    [InlineData("", HostKind.Odd, null)]
    public void Of_TellsWhatAHostMeans(string host, HostKind kind, string? address)
    {
        var spelling = HostSpelling.Of(host);

        Assert.Equal((kind, address), (spelling.Kind, spelling.Address?.ToString()));
    }
}
