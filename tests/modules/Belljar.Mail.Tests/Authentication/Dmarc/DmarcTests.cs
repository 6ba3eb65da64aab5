using Belljar.Mail.Authentication;
using Belljar.Mail.Authentication.Dkim;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Mail.Authentication.Spf;

namespace Belljar.Mail.Tests.Authentication.Dmarc;

public sealed class DmarcTests
{
    private static readonly string[] Trusted = ["*@a.example"];
    private readonly Rig _rig = new();

    [Fact]
    public async Task SignedByTheDomainOfFrom_IsAligned()
    {
        var results = await _rig.VerifyAsync(_rig.Signer.Sign(Rig.Letter, "a.example"));

        Assert.True(results.IsAligned);
        Assert.Equal((DmarcVerdict.Pass, "a.example", DmarcPolicy.Reject, 50), (results.Dmarc.Verdict, results.Dmarc.Domain, results.Dmarc.Policy!.Value, results.Dmarc.Percent));
        Assert.Equal("true", TrustDecision.Decide(TrustPolicy.Verified, Trusted, results));
    }

    [Fact]
    public async Task SignedByAnotherDomain_PassesDkimButIsNotTrusted()
    {
        var results = await _rig.VerifyAsync(_rig.Signer.Sign(Rig.Letter, "evil.example"), mailFrom: "eve@evil.example");

        Assert.Equal(DkimVerdict.Pass, results.Dkim[0].Verdict);
        Assert.Equal(SpfVerdict.Pass, results.Spf.Verdict);
        Assert.Equal(DmarcVerdict.Fail, results.Dmarc.Verdict);
        Assert.Equal("false", TrustDecision.Decide(TrustPolicy.Verified, ["*"], results));
    }

    [Theory]
    [InlineData("192.0.2.1", "x@a.example", DmarcVerdict.Pass)]
    [InlineData("192.0.2.2", "x@a.example", DmarcVerdict.Fail)]
    [InlineData("192.0.2.1", "x@evil.example", DmarcVerdict.Fail)]
    public async Task Spf_CountsWhereItsDomainIsFroms(string client, string mailFrom, DmarcVerdict expected) =>
        Assert.Equal(expected, (await _rig.VerifyAsync(Rig.Letter, client, mailFrom)).Dmarc.Verdict);

    [Fact]
    public async Task NullSender_IsJudgedByHelo()
    {
        var results = await _rig.VerifyAsync(Rig.Letter, "192.0.2.1", mailFrom: "", helo: "a.example");

        Assert.True(results.Spf is { IsHelo: true, Verdict: SpfVerdict.Pass, Domain: "a.example" });
        Assert.True(results.IsAligned);
    }

    [Theory]
    [InlineData("From: ann@a.example\r\nFrom: eve@evil.example\r\n")]
    [InlineData("From: eve@evil.example\r\nFrom: ann@a.example\r\n")]
    [InlineData("From: ann@a.example, eve@evil.example\r\n")]
    [InlineData("From: eve@evil.example, ann@a.example\r\n")]
    [InlineData("From: group: ann@a.example;\r\n")]
    [InlineData("From: eve@evil.example <ann@a.example> <eve@evil.example>\r\n")]
    [InlineData("From: ann@[192.0.2.1]\r\n")]
    [InlineData("From: ann\r\n")]
    [InlineData("From:\r\n")]
    [InlineData("")]
    public async Task FromThatIsNotOneAddress_FailsThoughSigned(string from)
    {
        var results = await _rig.VerifyAsync(_rig.Signer.Sign(from + Rig.Letter[Rig.Letter.IndexOf("To:", StringComparison.Ordinal)..], "a.example"), "192.0.2.1", "x@a.example");

        Assert.Equal(DmarcVerdict.Fail, results.Dmarc.Verdict);
        Assert.Null(results.Author);
        Assert.Equal("false", TrustDecision.Decide(TrustPolicy.Verified, ["*"], results));
    }

    [Theory]
    [InlineData("\"ann@a.example\" <eve@evil.example>")]
    [InlineData("=?utf-8?q?ann=40a=2Eexample?= <eve@evil.example>")]
    [InlineData("ann@a.example (x) <eve@evil.example>")]
    [InlineData("\"Ann <ann@a.example>,\" <eve@evil.example>")]
    public async Task NameThatLooksLikeAnAddress_IsNotTheAddress(string from)
    {
        var message = Rig.Letter.Replace("Ann <ann@a.example>", from);

        var results = await _rig.VerifyAsync(_rig.Signer.Sign(message, "evil.example"));

        Assert.Equal("false", TrustDecision.Decide(TrustPolicy.Verified, Trusted, results));
        Assert.True(results.Author is null || results.Author.Address == "eve@evil.example");
        Assert.NotEqual(DmarcVerdict.Pass, (await _rig.VerifyAsync(_rig.Signer.Sign(message, "a.example"))).Dmarc.Verdict);
    }

    [Fact]
    public async Task TooManyFields_AreNotAligned()
    {
        var many = string.Concat(Enumerable.Range(0, 5000).Select(i => $"X-{i}: y\r\n"));

        Assert.False((await _rig.VerifyAsync(_rig.Signer.Sign(many + Rig.Letter, "a.example"))).IsAligned);
    }

    [Theory]
    [InlineData("v=DMARC1; p=none", "sub.x.example", true)]
    [InlineData("v=DMARC1; p=none; adkim=s", "sub.x.example", false)]
    [InlineData("v=DMARC1; p=none; adkim=s", "x.example", true)]
    public async Task Alignment_IsRelaxedUnlessStrict(string record, string signer, bool aligned)
    {
        _rig.Zone.Add("_dmarc.x.example", "TXT", record);
        _rig.Zone.Add("s._domainkey." + signer, "TXT", Rig.Chunks(_rig.Signer.KeyRecord));

        var results = await _rig.VerifyAsync(_rig.Signer.Sign(Rig.Letter.Replace("ann@a.example", "ann@x.example"), signer));

        Assert.Equal(DkimVerdict.Pass, results.Dkim[0].Verdict);
        Assert.Equal(aligned, results.IsAligned);
    }

    [Fact]
    public async Task SubdomainInFrom_HasTheOrganisationsPolicyForSubdomains()
    {
        var results = await _rig.VerifyAsync(Rig.Letter.Replace("ann@a.example", "ann@news.a.example"));

        Assert.Equal((DmarcVerdict.Fail, DmarcPolicy.Quarantine), (results.Dmarc.Verdict, results.Dmarc.Policy!.Value));
    }

    [Theory]
    [InlineData(null, DmarcVerdict.None)]
    [InlineData("v=spf1 -all", DmarcVerdict.None)]
    [InlineData("p=reject; v=DMARC1", DmarcVerdict.None)]
    [InlineData("v=DMARC1; p=nonsense", DmarcVerdict.PermError)]
    [InlineData("v=DMARC1; p=nonsense; rua=mailto:x@y.example", DmarcVerdict.Pass)]
    [InlineData("v=DMARC1;p=none", DmarcVerdict.Pass)]
    public async Task Record_DecidesWhetherThereIsAPolicy(string? record, DmarcVerdict expected)
    {
        _rig.Zone.Add("s._domainkey.r.example", "TXT", Rig.Chunks(_rig.Signer.KeyRecord));
        if (record is not null)
        {
            _rig.Zone.Add("_dmarc.r.example", "TXT", record);
        }

        Assert.Equal(expected, (await _rig.VerifyAsync(_rig.Signer.Sign(Rig.Letter.Replace("a.example", "r.example"), "r.example"))).Dmarc.Verdict);
    }

    [Fact]
    public async Task TwoRecords_AreNone_AndAFailureIsTemporary()
    {
        _rig.Zone.Add("_dmarc.two.example", "TXT", "v=DMARC1; p=none").Add("_dmarc.two.example", "TXT", "v=DMARC1; p=reject").AddFailure("_dmarc.late.example");

        Assert.Equal(DmarcVerdict.None, (await _rig.VerifyAsync(Rig.Letter.Replace("a.example", "two.example"))).Dmarc.Verdict);
        Assert.Equal(DmarcVerdict.TempError, (await _rig.VerifyAsync(Rig.Letter.Replace("a.example", "late.example"))).Dmarc.Verdict);
    }
}
