using System.Net;
using Belljar.Testing;

namespace Belljar.Net.Tests;

public class AddressJudgeTests
{
    private readonly AddressJudge _judge = new(new FixedOwnAddresses("8.8.4.4", "2a00::7"));

    [Theory]
    [InlineData("8.8.8.8", AddressClass.Public)]
    [InlineData("2606:4700::1111", AddressClass.Public)]
    [InlineData("172.32.0.1", AddressClass.Public)]
    [InlineData("100.128.0.1", AddressClass.Public)]
    [InlineData("127.0.0.1", AddressClass.Loopback)]
    [InlineData("127.255.255.254", AddressClass.Loopback)]
    [InlineData("::1", AddressClass.Loopback)]
    [InlineData("10.1.2.3", AddressClass.Private)]
    [InlineData("172.16.0.1", AddressClass.Private)]
    [InlineData("172.31.255.255", AddressClass.Private)]
    [InlineData("192.168.1.1", AddressClass.Private)]
    [InlineData("fd00::1", AddressClass.Private)]
    [InlineData("fec0::1", AddressClass.Private)]
    [InlineData("169.254.1.1", AddressClass.LinkLocal)]
    [InlineData("fe80::1", AddressClass.LinkLocal)]
    [InlineData("fe80::1%2", AddressClass.LinkLocal)]
    [InlineData("100.64.0.1", AddressClass.CarrierNat)]
    [InlineData("224.0.0.1", AddressClass.Multicast)]
    [InlineData("ff02::1", AddressClass.Multicast)]
    [InlineData("0.0.0.0", AddressClass.Unspecified)]
    [InlineData("0.1.2.3", AddressClass.Unspecified)]
    [InlineData("::", AddressClass.Unspecified)]
    [InlineData("255.255.255.255", AddressClass.Broadcast)]
    [InlineData("240.0.0.1", AddressClass.Reserved)]
    [InlineData("198.18.0.1", AddressClass.Reserved)]
    [InlineData("192.0.0.1", AddressClass.Reserved)]
    [InlineData("1000::1", AddressClass.Reserved)]
    [InlineData("4000::1", AddressClass.Reserved)]
    [InlineData("192.0.2.1", AddressClass.Documentation)]
    [InlineData("198.51.100.1", AddressClass.Documentation)]
    [InlineData("203.0.113.1", AddressClass.Documentation)]
    [InlineData("2001:db8::1", AddressClass.Documentation)]
    [InlineData("3fff::1", AddressClass.Documentation)]
    [InlineData("169.254.169.254", AddressClass.Metadata)]
    [InlineData("fd00:ec2::254", AddressClass.Metadata)]
    [InlineData("100.100.100.200", AddressClass.Metadata)]
    [InlineData("168.63.129.16", AddressClass.Metadata)]
    [InlineData("192.0.0.192", AddressClass.Metadata)]
    [InlineData("8.8.4.4", AddressClass.OwnHost)]
    [InlineData("2a00::7", AddressClass.OwnHost)]

    // IPv4 inside IPv6
    [InlineData("::ffff:127.0.0.1", AddressClass.Loopback)]
    [InlineData("::ffff:169.254.169.254", AddressClass.Metadata)]
    [InlineData("::ffff:8.8.8.8", AddressClass.Public)]
    [InlineData("::ffff:8.8.4.4", AddressClass.OwnHost)]
    [InlineData("::127.0.0.1", AddressClass.Loopback)]
    [InlineData("::10.0.0.1", AddressClass.Private)]
    [InlineData("::ffff:0:127.0.0.1", AddressClass.Loopback)]
    [InlineData("64:ff9b::127.0.0.1", AddressClass.Loopback)]
    [InlineData("64:ff9b::a9fe:a9fe", AddressClass.Metadata)]
    [InlineData("64:ff9b::8.8.8.8", AddressClass.Public)]
    [InlineData("64:ff9b::8.8.4.4", AddressClass.OwnHost)]
    [InlineData("64:ff9b:1::7f00:1", AddressClass.Unspecified)]
    [InlineData("64:ff9b:1:7f00:0:100::", AddressClass.Loopback)]
    [InlineData("2002:7f00:1::", AddressClass.Loopback)]
    [InlineData("2002:c0a8:101::1", AddressClass.Private)]
    [InlineData("2002:808:808::", AddressClass.Public)]
    [InlineData("2001:0:7f00:1::", AddressClass.Loopback)]
    [InlineData("2001:0:808:808:0:0:80ff:fffe", AddressClass.Loopback)]
    [InlineData("2a00:1::5efe:127.0.0.1", AddressClass.Loopback)]
    [InlineData("2a00:1::200:5efe:10.0.0.1", AddressClass.Private)]
    public void Classify_KnowsThePlace(string address, AddressClass found)
    {
        Assert.Equal(found, _judge.Classify(IPAddress.Parse(address)));
        Assert.Equal(found is AddressClass.Public, _judge.MayDial(IPAddress.Parse(address), [], out _));
    }

    [Theory]
    [InlineData("10.1.2.3", "10.0.0.0/8", true)]
    [InlineData("10.1.2.3", "10.1.2.3/32", true)]
    [InlineData("::ffff:10.1.2.3", "10.0.0.0/8", true)]
    [InlineData("11.1.2.3", "10.0.0.0/8", true)]
    [InlineData("192.168.0.1", "10.0.0.0/8", false)]
    [InlineData("64:ff9b::a01:203", "10.0.0.0/8", false)]
    [InlineData("169.254.169.254", "169.254.0.0/16", false)]
    [InlineData("169.254.169.254", "0.0.0.0/0", false)]
    [InlineData("169.254.169.254", "169.254.169.254/32", true)]
    [InlineData("fd00:ec2::254", "fd00::/8", false)]
    public void MayDial_FollowsTheAllowList(string address, string allowed, bool may)
        => Assert.Equal(may, _judge.MayDial(IPAddress.Parse(address), [IPNetwork.Parse(allowed)], out _));

    [Fact]
    public void SystemOwnAddresses_HoldLoopback()
        => Assert.True(new SystemOwnAddresses(new ManualClock()).Contains(IPAddress.Loopback));

    private sealed class FixedOwnAddresses(params string[] addresses) : IOwnAddresses
    {
        private readonly HashSet<IPAddress> _addresses = [.. addresses.Select(IPAddress.Parse)];

        public bool Contains(IPAddress address) => _addresses.Contains(address);
    }
}
