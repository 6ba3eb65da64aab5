using System.Net;
using System.Text;
using Belljar.Net.Dns;
using Belljar.Protocols.Dns;
using Belljar.Testing;

namespace Belljar.Net.Tests.Dns;

/// <summary>The resolver against a real server on loopback; nothing leaves the machine.</summary>
public sealed class UdpDnsResolverTests
{
    private static readonly DnsName Name = DnsName.Parse("example.org");
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Query_Answer_IsFoundAndRemembered()
    {
        await using var server = new LoopbackDnsServer(query => [LoopbackDnsServer.Reply(query, Address("example.org", "192.0.2.1", 60))]);
        var resolver = new UdpDnsResolver(server.Options, _clock);

        var first = await resolver.QueryAsync(Name, DnsType.A, CancellationToken.None);
        _clock.Advance(TimeSpan.FromSeconds(59));
        var second = await resolver.QueryAsync(DnsName.Parse("EXAMPLE.org"), DnsType.A, CancellationToken.None);
        Assert.Equal(DnsStatus.Found, first.Status);
        Assert.Equal("192.0.2.1", Only(second));
        Assert.Single(server.Queries);

        _clock.Advance(TimeSpan.FromSeconds(1));
        await resolver.QueryAsync(Name, DnsType.A, CancellationToken.None);
        Assert.Equal(2, server.Queries.Count);
        Assert.Equal(new DnsEdns(1232), server.Queries.First().Edns);
        Assert.NotEqual(server.Queries.First().Id, server.Queries.Last().Id);
        Assert.NotEqual(server.ClientPorts.First(), server.ClientPorts.Last());
    }

    [Fact]
    public async Task Query_ForgedAnswersBeforeTheTrueOne_AreNotHeard()
    {
        await using var server = new LoopbackDnsServer(query =>
        {
            var lie = Address("example.org", "203.0.113.66", 99999);
            var other = new DnsQuestion(DnsName.Parse("example.com"), DnsType.A);
            return
            [
                LoopbackDnsServer.Reply(query with { Id = (ushort)(query.Id + 1) }, lie),
                LoopbackDnsServer.Reply(query with { Questions = [other] }, lie),
                LoopbackDnsServer.Reply(query with { Questions = [query.Questions[0] with { Type = DnsType.Txt }] }, lie),
                LoopbackDnsServer.Reply(query with { Questions = [] }, lie),
                (query with { Answers = [lie] }).ToBytes(), // a query, not a response
                LoopbackDnsServer.Reply(query, lie)[..20],
                "garbage"u8.ToArray(),
                LoopbackDnsServer.Reply(query, Address("example.org", "192.0.2.1", 60)),
            ];
        });

        Assert.Equal("192.0.2.1", Only(await new UdpDnsResolver(server.Options, _clock).QueryAsync(Name, DnsType.A, CancellationToken.None)));
    }

    [Fact]
    public async Task Query_RecordsOfOtherNames_AreLeftOut()
    {
        await using var server = new LoopbackDnsServer(query =>
            [LoopbackDnsServer.Reply(query, Address("bank.example", "203.0.113.66", 9999), Address("example.org", "192.0.2.1", 60))]);
        var resolver = new UdpDnsResolver(server.Options, _clock);

        Assert.Equal("192.0.2.1", Only(await resolver.QueryAsync(Name, DnsType.A, CancellationToken.None)));
        await resolver.QueryAsync(DnsName.Parse("bank.example"), DnsType.A, CancellationToken.None);
        Assert.Equal(2, server.Queries.Count);
    }

    [Fact]
    public async Task Query_CutAnswer_IsAskedAgainOverTcp()
    {
        var text = new DnsRecord(Name, DnsType.Txt, 60, new TxtData([.. Enumerable.Range(0, 30).Select(_ => Encoding.ASCII.GetBytes(new string('x', 250)))]));
        await using var server = new LoopbackDnsServer(
            query => [(query with { IsResponse = true, IsTruncated = true }).ToBytes()],
            query => LoopbackDnsServer.Reply(query, text));

        var answer = await new UdpDnsResolver(server.Options, _clock).QueryAsync(Name, DnsType.Txt, CancellationToken.None);

        Assert.Equal(7500, ((TxtData)Assert.Single(answer.Records).Data).Joined().Length);
    }

    [Fact]
    public async Task Query_CutInsideOfARecord_IsAskedAgainOverTcp()
    {
        await using var server = new LoopbackDnsServer(
            query => [(query with { IsResponse = true, IsTruncated = true, Answers = [Address("example.org", "192.0.2.9", 60)] }).ToBytes()[..^13]],
            query => LoopbackDnsServer.Reply(query, Address("example.org", "192.0.2.1", 60)));

        Assert.Equal("192.0.2.1", Only(await new UdpDnsResolver(server.Options, _clock).QueryAsync(Name, DnsType.A, CancellationToken.None)));
    }

    [Fact]
    public async Task Query_SilentServer_IsTriedTwiceAndThenAFailureThatIsNotRemembered()
    {
        await using var server = new LoopbackDnsServer(_ =>
        {
            _clock.Advance(TimeSpan.FromSeconds(3));
            return [];
        });
        var resolver = new UdpDnsResolver(server.Options, _clock);

        Assert.Equal(DnsStatus.TemporaryFailure, (await resolver.QueryAsync(Name, DnsType.A, CancellationToken.None)).Status);
        Assert.Equal(2, server.Queries.Count);
        await resolver.QueryAsync(Name, DnsType.A, CancellationToken.None);
        Assert.Equal(4, server.Queries.Count);
    }

    [Fact]
    public async Task Query_FirstServerFails_SecondIsAsked()
    {
        await using var broken = new LoopbackDnsServer(query => [(query with { IsResponse = true, ResponseCode = DnsResponseCode.ServerFailure }).ToBytes()]);
        await using var good = new LoopbackDnsServer(query => [LoopbackDnsServer.Reply(query, Address("example.org", "192.0.2.1", 60))]);
        var options = new DnsResolverOptions { Servers = [broken.Address, good.Address] };

        Assert.Equal("192.0.2.1", Only(await new UdpDnsResolver(options, _clock).QueryAsync(Name, DnsType.A, CancellationToken.None)));
    }

    [Theory]
    [InlineData(DnsResponseCode.NameError, DnsStatus.NxDomain)]
    [InlineData(DnsResponseCode.NoError, DnsStatus.NoData)]
    public async Task Query_NegativeAnswer_IsRememberedByItsSoa(DnsResponseCode code, DnsStatus status)
    {
        var soa = new DnsRecord(DnsName.Parse("org"), DnsType.Soa, 600, new SoaData(Name, Name, 1, 2, 3, 4, Minimum: 20));
        await using var server = new LoopbackDnsServer(query => [(query with { IsResponse = true, ResponseCode = code, Authorities = [soa] }).ToBytes()]);
        var resolver = new UdpDnsResolver(server.Options, _clock);

        Assert.Equal(status, (await resolver.QueryAsync(Name, DnsType.A, CancellationToken.None)).Status);
        _clock.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal(status, (await resolver.QueryAsync(Name, DnsType.A, CancellationToken.None)).Status);
        Assert.Single(server.Queries);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await resolver.QueryAsync(Name, DnsType.A, CancellationToken.None);
        Assert.Equal(2, server.Queries.Count);
    }

    [Fact]
    public async Task Query_Aliases_AreFollowedInOneAnswerAndOverSeveral()
    {
        await using var server = new LoopbackDnsServer(query => query.Questions[0].Name.ToString() switch
        {
            "example.org" => [LoopbackDnsServer.Reply(query, Alias("b.example", "c.example"), Alias("example.org", "b.example"))],
            _ => [LoopbackDnsServer.Reply(query, Address("c.example", "192.0.2.3", 60))],
        });

        Assert.Equal("192.0.2.3", Only(await new UdpDnsResolver(server.Options, _clock).QueryAsync(Name, DnsType.A, CancellationToken.None)));
        Assert.Equal(2, server.Queries.Count);
    }

    [Fact]
    public async Task Query_AliasesInACircle_AreATemporaryFailure()
    {
        await using var inOne = new LoopbackDnsServer(query => [LoopbackDnsServer.Reply(query, Alias("example.org", "b.example"), Alias("b.example", "example.org"))]);
        await using var endless = new LoopbackDnsServer(query =>
            [LoopbackDnsServer.Reply(query, Alias(query.Questions[0].Name.ToString(), "x" + query.Questions[0].Name))]);

        Assert.Equal(DnsStatus.TemporaryFailure, (await new UdpDnsResolver(inOne.Options, _clock).QueryAsync(Name, DnsType.A, CancellationToken.None)).Status);
        Assert.Equal(DnsStatus.TemporaryFailure, (await new UdpDnsResolver(endless.Options, _clock).QueryAsync(Name, DnsType.A, CancellationToken.None)).Status);
        Assert.True(endless.Queries.Count <= 8);
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public async Task Query_AuthenticBit_CountsOnlyFromATrustedResolver(bool trusted, bool set, bool expected)
    {
        await using var server = new LoopbackDnsServer(query => [LoopbackDnsServer.Reply(query with { IsAuthentic = set }, Address("example.org", "192.0.2.1", 60))]);
        var resolver = new UdpDnsResolver(server.Options with { TrustAuthenticBit = trusted }, _clock);

        Assert.Equal(expected, (await resolver.QueryAsync(Name, DnsType.A, CancellationToken.None)).IsAuthentic);
    }

    [Fact]
    public async Task Query_ManyNames_RemembersNoMoreThanItsBound()
    {
        await using var server = new LoopbackDnsServer(query => [LoopbackDnsServer.Reply(query, Address(query.Questions[0].Name.ToString(), "192.0.2.1", 60))]);
        var resolver = new UdpDnsResolver(server.Options with { MostCached = 2 }, _clock);

        foreach (var name in new[] { "a.example", "b.example", "c.example", "c.example", "b.example", "a.example" })
        {
            await resolver.QueryAsync(DnsName.Parse(name), DnsType.A, CancellationToken.None);
        }

        Assert.Equal(["a.example", "b.example", "c.example", "a.example"], server.Queries.Select(query => query.Questions[0].Name.ToString()));
    }

    [Fact]
    public async Task Query_CallerGivesUp_IsCancelled()
    {
        using var giveUp = new CancellationTokenSource();
        await using var server = new LoopbackDnsServer(_ =>
        {
            giveUp.Cancel();
            return [];
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await new UdpDnsResolver(server.Options, _clock).QueryAsync(Name, DnsType.A, giveUp.Token));
        _clock.Advance(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void FromResolvConf_ReadsNameservers()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["resolv.conf"], "# nameserver 9.9.9.9\nsearch x\nnameserver 192.0.2.53\nnameserver\t2001:db8::53 \nnameserver nonsense\n");

        var options = DnsResolverOptions.FromResolvConf(folder["resolv.conf"]);

        Assert.Equal([new IPEndPoint(IPAddress.Parse("192.0.2.53"), 53), new IPEndPoint(IPAddress.Parse("2001:db8::53"), 53)], options.Servers);
        Assert.False(options.TrustAuthenticBit);
        Assert.True(DnsResolverOptions.FromResolvConf(folder["none"]).TrustAuthenticBit);
    }

    private static DnsRecord Address(string name, string address, uint time) =>
        new(DnsName.Parse(name), DnsType.A, time, new AddressData(IPAddress.Parse(address)));

    private static DnsRecord Alias(string name, string target) => new(DnsName.Parse(name), DnsType.CName, 60, new NameData(DnsName.Parse(target)));

    private static string Only(DnsAnswer answer) => ((AddressData)Assert.Single(answer.Records).Data).Address.ToString();
}
