using Belljar.Mail.Authentication.Dkim;

namespace Belljar.Mail.Tests.Authentication.Dkim;

public sealed class DkimTests
{
    private readonly Rig _rig = new();

    [Theory]
    [InlineData("simple/simple")]
    [InlineData("simple/relaxed")]
    [InlineData("relaxed/simple")]
    [InlineData("relaxed/relaxed")]
    public async Task Signature_Unchanged_Passes(string canonicalisation)
    {
        foreach (var body in new[] { "", "\r\n", "\r\n\r\n", "x", " \t\r\n \r\n", "a\tb  c \r\n", "a\r\n \r\n\r\nb\t\t\r\n\r\n", "1\r\n2" })
        {
            var message = Rig.Letter[..(Rig.Letter.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)] + body;
            Assert.Equal(DkimVerdict.Pass, await VerdictAsync(_rig.Signer.Sign(message, "a.example", canonicalisation: canonicalisation)));
        }
    }

    [Fact]
    public async Task BodyThatIsNotUtf8_VerifiesToTheByte()
    {
        var signed = _rig.Signer.Sign(Rig.Letter + "\u00E4\u00FF\u0080\u00C3 \u0000 end\r\n", "a.example", canonicalisation: "simple/simple");

        Assert.Equal(DkimVerdict.Pass, await VerdictAsync(signed));
        Assert.Equal(DkimVerdict.Fail, await VerdictAsync(signed.Replace('\u00FF', '\u00FE')));
    }

    [Fact]
    public async Task AnyByteOfBodyOrSignedField_Changed_Fails()
    {
        var signed = _rig.Signer.Sign("From: ann@a.example\r\nTo: b\r\nSubject: x\r\n\r\nbody\r\n", "a.example", canonicalisation: "simple/simple");
        var from = signed.IndexOf("From:", StringComparison.Ordinal);
        for (var at = from; at < signed.Length; at++)
        {
            var changed = signed[..at] + (char)(signed[at] ^ 1) + signed[(at + 1)..];
            Assert.NotEqual(DkimVerdict.Pass, await VerdictAsync(changed));
        }
    }

    [Theory]
    [InlineData("relaxed/relaxed", DkimVerdict.Pass)]
    [InlineData("simple/simple", DkimVerdict.Fail)]
    public async Task WhiteSpaceChangedOnTheWay_IsForgivenOnlyByRelaxed(string canonicalisation, DkimVerdict expected)
    {
        var signed = _rig.Signer.Sign(Rig.Letter, "a.example", canonicalisation: canonicalisation);

        Assert.Equal(expected, await VerdictAsync(signed.Replace("Subject:  Hello\t there", "SUBJECT : Hello\r\n  there ")));
        Assert.Equal(expected, await VerdictAsync(signed.Replace("A  line ", "A line\t")));
    }

    [Fact]
    public async Task Oversigned_AddedField_Fails()
    {
        var signed = _rig.Signer.Sign(Rig.Letter, "a.example", names: "from:from:to:subject:subject");

        Assert.Equal(DkimVerdict.Pass, await VerdictAsync(signed));
        Assert.Equal(DkimVerdict.Fail, await VerdictAsync("Subject: other\r\n" + signed));
        Assert.Equal(DkimVerdict.Fail, await VerdictAsync("From: eve@evil.example\r\n" + signed));
    }

    [Fact]
    public async Task FieldsOfOneName_AreTakenFromTheBottom()
    {
        var signed = _rig.Signer.Sign("X: upper\r\nX: lower\r\n" + Rig.Letter, "a.example", names: "from:x");

        Assert.Equal(DkimVerdict.Pass, await VerdictAsync(signed.Replace("X: upper\r\n", "")));
        Assert.Equal(DkimVerdict.Pass, await VerdictAsync(signed.Replace("X: upper\r\n", "X: new\r\nX: upper\r\n")));
        Assert.Equal(DkimVerdict.Fail, await VerdictAsync(signed.Replace("X: lower\r\n", "")));
    }

    [Fact]
    public async Task BodyLength_IsNoProof()
    {
        var signed = _rig.Signer.Sign(Rig.Letter, "a.example", tags: " l=9999;");

        Assert.Equal(DkimVerdict.Policy, await VerdictAsync(signed));
    }

    [Fact]
    public async Task Expiry_AndSigningTime_AreJudgedByTheClock()
    {
        var now = _rig.Clock.GetUtcNow().ToUnixTimeSeconds();
        var signed = _rig.Signer.Sign(Rig.Letter, "a.example", tags: $" t={now}; x={now + 60};");

        Assert.Equal(DkimVerdict.Pass, await VerdictAsync(signed));
        _rig.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(DkimVerdict.Policy, await VerdictAsync(signed));
        Assert.Equal(DkimVerdict.Policy, await VerdictAsync(_rig.Signer.Sign(Rig.Letter, "a.example", tags: $" t={now + 86400};")));
        Assert.Equal(DkimVerdict.Neutral, await VerdictAsync(_rig.Signer.Sign(Rig.Letter, "a.example", tags: $" t={now}; x={now - 1};")));
    }

    [Theory]
    [InlineData("v=DKIM1; k=rsa; p=", DkimVerdict.PermError)]
    [InlineData("v=DKIM2; p=KEY", DkimVerdict.PermError)]
    [InlineData("p=KEY; v=DKIM1", DkimVerdict.PermError)]
    [InlineData("v=DKIM1; h=sha1; p=KEY", DkimVerdict.PermError)]
    [InlineData("v=DKIM1; h=sha1:sha256; p=KEY", DkimVerdict.Pass)]
    [InlineData("v=DKIM1; s=chat; p=KEY", DkimVerdict.PermError)]
    [InlineData("v=DKIM1; s=chat:email; p=KEY", DkimVerdict.Pass)]
    [InlineData("v=DKIM1; k=ed25519; p=KEY", DkimVerdict.PermError)]
    [InlineData("v=DKIM1; p=!!!", DkimVerdict.PermError)]
    [InlineData("v=DKIM1; p=AAAA", DkimVerdict.PermError)]
    [InlineData("p=KEY", DkimVerdict.Pass)]
    public async Task KeyRecord_SaysWhetherItMayBeUsed(string record, DkimVerdict expected)
    {
        var key = _rig.Signer.KeyRecord[(_rig.Signer.KeyRecord.IndexOf("p=", StringComparison.Ordinal) + 2)..];
        _rig.Zone.Add("k._domainkey.a.example", "TXT", Rig.Chunks(record.Replace("KEY", key)));

        Assert.Equal(expected, await VerdictAsync(_rig.Signer.Sign(Rig.Letter, "a.example", selector: "k")));
    }

    [Fact]
    public async Task KeyFlagS_ForbidsIdentitiesBelow()
    {
        _rig.Zone.Add("k._domainkey.a.example", "TXT", Rig.Chunks(_rig.Signer.KeyRecord + "; t=s"));

        Assert.Equal(DkimVerdict.Pass, await VerdictAsync(_rig.Signer.Sign(Rig.Letter, "a.example", selector: "k", tags: " i=x@a.example;")));
        Assert.Equal(DkimVerdict.PermError, await VerdictAsync(_rig.Signer.Sign(Rig.Letter, "a.example", selector: "k", tags: " i=x@sub.a.example;")));
        Assert.Equal(DkimVerdict.Pass, await VerdictAsync(_rig.Signer.Sign(Rig.Letter, "a.example", tags: " i=x@sub.a.example;")));
        Assert.Equal(DkimVerdict.Neutral, await VerdictAsync(_rig.Signer.Sign(Rig.Letter, "a.example", tags: " i=x@nota.example;")));
    }

    [Fact]
    public async Task KeyInTesting_PassesButProvesNothing()
    {
        _rig.Zone.Add("k._domainkey.a.example", "TXT", Rig.Chunks(_rig.Signer.KeyRecord + "; t=y"));
        var results = await _rig.VerifyAsync(_rig.Signer.Sign(Rig.Letter, "a.example", selector: "k"));

        Assert.Equal(DkimVerdict.Pass, results.Dkim[0].Verdict);
        Assert.True(results.Dkim[0].IsTesting);
        Assert.False(results.IsAligned);
    }

    [Fact]
    public async Task ShortKey_IsNoProof()
    {
        using var signer = new TestSigner(768);
        var rig = new Rig(signer);

        Assert.Equal(DkimVerdict.Policy, (await rig.VerifyAsync(rig.Signer.Sign(Rig.Letter, "a.example"))).Dkim[0].Verdict);
    }

    [Theory]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=s; h=to; bh=AAAA; b=AAAA")] // From is not signed
    [InlineData("v=1; a=rsa-sha256; d=a.example; d=a.example; s=s; h=from; bh=AAAA; b=AAAA")]
    [InlineData("v=1; a=rsa-md5; d=a.example; s=s; h=from; bh=AAAA; b=AAAA")]
    [InlineData("v=1; a=rsa-sha256; c=nofws; d=a.example; s=s; h=from; bh=AAAA; b=AAAA")]
    [InlineData("v=1; a=rsa-sha256; d=a..example; s=s; h=from; bh=AAAA; b=AAAA")]
    [InlineData("v=1; a=rsa-sha256; d=example; s=s; h=from; bh=AAAA; b=AAAA")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AAAA; b=A")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AAAA; b=AAAA; l=-1")]
    [InlineData("")]
    [InlineData(";;;")]
    public async Task SignatureThatCannotBeUnderstood_IsNeutral(string value) =>
        Assert.Equal(DkimVerdict.Neutral, await VerdictAsync($"DKIM-Signature: {value}\r\n{Rig.Letter}"));

    [Fact]
    public async Task ManySignatures_AreLookedAtUpToABound()
    {
        var signed = _rig.Signer.Sign(Rig.Letter, "a.example");
        var field = signed[..signed.IndexOf("From:", StringComparison.Ordinal)];
        var results = await _rig.VerifyAsync(string.Concat(Enumerable.Repeat(field, 500)) + Rig.Letter);

        Assert.Equal(11, results.Dkim.Count);
        Assert.Equal(DkimVerdict.Neutral, results.Dkim[^1].Verdict);
        Assert.True(_rig.Zone.Queries < 30);
    }

    [Fact]
    public async Task SeveralSignatures_EachHasItsResult()
    {
        var signed = _rig.Signer.Sign(_rig.Signer.Sign(Rig.Letter, "a.example"), "evil.example").Replace("d=evil.example; s=s", "d=evil.example; s=gone");

        Assert.Equal([DkimVerdict.PermError, DkimVerdict.Pass], (await _rig.VerifyAsync(signed)).Dkim.Select(result => result.Verdict));
    }

    private async Task<DkimVerdict> VerdictAsync(string message) => (await _rig.VerifyAsync(message)).Dkim[0].Verdict;
}
