using System.Net;
using System.Text;
using Belljar.Protocols.Dns;
using Belljar.Testing;

namespace Belljar.Protocols.Tests.Dns;

public sealed class DnsMessageTests
{
    internal static readonly DnsName Owner = DnsName.Parse("example.org");

    internal static readonly DnsMessage Full = new()
    {
        Id = 0x1234,
        IsResponse = true,
        RecursionDesired = true,
        RecursionAvailable = true,
        IsAuthentic = true,
        Questions = [new DnsQuestion(Owner, DnsType.MX)],
        Answers =
        [
            new DnsRecord(Owner, DnsType.A, 60, new AddressData(IPAddress.Parse("192.0.2.1"))),
            new DnsRecord(Owner, DnsType.Aaaa, 60, new AddressData(IPAddress.Parse("2001:db8::1"))),
            new DnsRecord(Owner, DnsType.MX, 3600, new MxData(10, DnsName.Parse("mx.example.org"))),
            new DnsRecord(Owner, DnsType.Txt, 5, new TxtData(["v=spf1"u8.ToArray(), [], " -all"u8.ToArray()])),
            new DnsRecord(Owner, DnsType.CName, 5, new NameData(DnsName.Parse("other.example"))),
            new DnsRecord(Owner, DnsType.Ptr, 5, new NameData(DnsName.Parse("ptr.example"))),
        ],
        Authorities =
        [
            new DnsRecord(Owner, DnsType.NS, 5, new NameData(DnsName.Parse("ns.example"))),
            new DnsRecord(Owner, DnsType.Soa, 5, new SoaData(DnsName.Parse("ns.example"), DnsName.Parse("root.example"), 1, 2, 3, 4, 5)),
        ],
        Additionals =
        [
            new DnsRecord(Owner, DnsType.Srv, 5, new SrvData(1, 2, 25, DnsName.Parse("srv.example"))),
            new DnsRecord(Owner, DnsType.Tlsa, 5, new RawData([3, 1, 1, 0xAB])),
        ],
        Edns = new DnsEdns(1232, DnssecOk: true),
    };

    [Fact]
    public void ToBytes_ReadAgain_IsTheSame()
    {
        Assert.True(DnsMessage.TryRead(Full.ToBytes(), out var read));
        Assert.Equal(Full.ToBytes(), read!.ToBytes());
        Assert.Equal(0x1234, read.Id);
        Assert.Equal(Full.Questions, read.Questions);
        Assert.Equal(Full.Answers.Where(record => record.Type != DnsType.Txt), read.Answers.Where(record => record.Type != DnsType.Txt));
        Assert.Equal("v=spf1 -all", Encoding.ASCII.GetString(((TxtData)read.Answers[3].Data).Joined()));
        Assert.Equal(Full.Authorities, read.Authorities);
        Assert.Equal(Full.Edns, read.Edns);
        Assert.True(read is { IsResponse: true, IsAuthentic: true, RecursionAvailable: true, IsTruncated: false, ResponseCode: DnsResponseCode.NoError });
    }

    [Fact]
    public void TryRead_CutAtEveryByte_IsRefused()
    {
        var bytes = Full.ToBytes();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(DnsMessage.TryRead(bytes.AsSpan(0, length), out _), $"accepted with {length} of {bytes.Length} bytes");
        }
    }

    [Fact]
    public void TryRead_CompressedNames_AreJoined()
    {
        // The answer's name points to the question's, its exchange is "mx" + the question's.
        byte[] bytes =
        [
            0, 1, 0x80, 0, 0, 1, 0, 1, 0, 0, 0, 0,
            1, (byte)'a', 2, (byte)'b', (byte)'C', 0, 0, 15, 0, 1,
            0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 9, 0, 7, 0, 5, 2, (byte)'m', (byte)'x', 0xC0, 14,
        ];

        Assert.True(DnsMessage.TryRead(bytes, out var message));
        var record = Assert.Single(message!.Answers);
        Assert.Equal(DnsName.Parse("A.bc"), record.Name);
        Assert.Equal("mx.bC", ((MxData)record.Data).Exchange.ToString());
    }

    [Theory]
    [InlineData(22)] // to itself
    [InlineData(24)] // forwards
    [InlineData(0)] // into the header
    [InlineData(200)] // beyond the end
    public void TryRead_PointerThatDoesNotGoBack_IsRefused(byte target)
    {
        byte[] bytes =
        [
            0, 1, 0x80, 0, 0, 1, 0, 1, 0, 0, 0, 0,
            1, (byte)'a', 2, (byte)'b', (byte)'c', 0, 0, 15, 0, 1,
            0xC0, target, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4,
        ];

        Assert.False(DnsMessage.TryRead(bytes, out _));
        bytes[23] = 12;
        Assert.True(DnsMessage.TryRead(bytes, out _));
    }

    [Fact]
    public void TryRead_PointersThatLeadInACircle_AreRefused()
    {
        // At 12: label "a", then a pointer to 12 again.
        byte[] bytes = [0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, (byte)'a', 0xC0, 12, 0, 1, 0, 1];

        Assert.False(DnsMessage.TryRead(bytes, out _));
    }

    [Fact]
    public void TryRead_NameLongerThanTheLimit_IsRefused()
    {
        var label = new byte[64];
        label[0] = 63;
        label.AsSpan(1).Fill((byte)'x');
        byte[] header = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        byte[] end = [0, 0, 1, 0, 1];

        Assert.True(DnsMessage.TryRead([.. header, .. label, .. label, .. label, .. end], out _));
        Assert.False(DnsMessage.TryRead([.. header, .. label, .. label, .. label, .. label, .. end], out _));
    }

    [Fact]
    public void TryRead_CountsThatPromiseMore_AreRefused() =>
        Assert.False(DnsMessage.TryRead([0, 1, 0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], out _));
}
