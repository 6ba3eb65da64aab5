using Belljar.Mail.Authentication;
using Belljar.Mail.Authentication.Dkim;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Mail.Authentication.Spf;
using Belljar.Mime.Headers;

namespace Belljar.Mail.Tests.Authentication;

public sealed class AuthenticationResultsTests
{
    private static readonly AuthenticationResults Good = new(
        new SpfResult(SpfVerdict.Pass, "a.example", false, "ip4:192.0.2.1 of a.example"),
        [new DkimResult(DkimVerdict.Pass, "the signature fits", "a.example", "s", "@a.example", "rsa-sha256", "abcd/123")],
        new DmarcResult(DmarcVerdict.Pass, "signed by a.example", "a.example", DmarcPolicy.Reject),
        new MailAddress("Ann", "Ann@A.example"));

    [Fact]
    public void ToHeader_SaysEverythingOnShortLines()
    {
        Assert.Equal(
            "Authentication-Results: mx.example.org;\r\n"
            + "\tspf=pass reason=\"ip4:192.0.2.1 of a.example\"\r\n\t\tsmtp.mailfrom=a.example;\r\n"
            + "\tdkim=pass reason=\"the signature fits\"\r\n\t\theader.d=a.example\r\n\t\theader.i=@a.example\r\n\t\theader.s=s\r\n"
            + "\t\theader.a=rsa-sha256\r\n\t\theader.b=\"abcd/123\";\r\n"
            + "\tdmarc=pass reason=\"signed by a.example\"\r\n\t\tpolicy.dmarc=reject\r\n\t\theader.from=a.example\r\n",
            Good.ToHeader("mx.example.org"));
    }

    [Fact]
    public void ToHeader_WhatThePeerSays_EndsNothing()
    {
        var bad = "x\"; dmarc=pass\r\nX-Evil: 1\r\n\r\n\\\u202e" + new string('y', 5000);
        var results = Good with
        {
            Spf = new SpfResult(SpfVerdict.Fail, bad, true, bad),
            Dkim = [new DkimResult(DkimVerdict.Fail, bad, bad, bad, bad, bad, bad)],
        };
        var text = results.ToHeader("mx.example.org");

        Assert.All(text.TrimEnd('\n').TrimEnd('\r').Split("\r\n").Skip(1), line => Assert.StartsWith("\t", line));
        Assert.DoesNotContain("\r\n\r\n", text);
        Assert.Matches("^[\r\n\t -~]*$", text);
        Assert.All(text.Split("\r\n"), line => Assert.True(line.Length < 998));
        Assert.DoesNotContain("x\"", text);
    }

    [Theory]
    [InlineData("ann@a.example", "true")]
    [InlineData("*@a.example", "true")]
    [InlineData("*@*.example", "true")]
    [InlineData("*", "true")]
    [InlineData("a?n@a.example", "true")]
    [InlineData("bob@a.example", "false")]
    [InlineData("*@b.example", "false")]
    [InlineData("*@example", "false")]
    [InlineData("", "false")]
    public void Decide_Verified_WantsAGlobThatMatches(string glob, string expected) =>
        Assert.Equal(expected, TrustDecision.Decide(TrustPolicy.Verified, [glob], Good));

    [Theory]
    [InlineData("ann@bücher.example")]
    [InlineData("*@BÜCHER.example")]
    [InlineData("*@xn--bcher-kva.example")]
    [InlineData("*@*cher*.example")]
    public void Decide_DomainBeyondAscii_IsTheSameInBothSpellings(string glob)
    {
        foreach (var domain in new[] { "bücher.example", "xn--bcher-kva.example" })
        {
            Assert.Equal("true", TrustDecision.Decide(TrustPolicy.Verified, [glob], Good with { Author = new MailAddress("Ann", $"ann@{domain}") }));
        }
    }

    [Fact]
    public void Decide_OtherwiseIsNoneOrFalse()
    {
        Assert.Equal("none", TrustDecision.Decide(TrustPolicy.None, ["*"], Good));
        Assert.Equal("false", TrustDecision.Decide(TrustPolicy.Verified, [], Good));
        Assert.Equal("false", TrustDecision.Decide(TrustPolicy.Verified, ["*"], Good with { Dmarc = new DmarcResult(DmarcVerdict.None, "") }));
        Assert.Equal("false", TrustDecision.Decide(TrustPolicy.Verified, ["*"], Good with { Author = null }));
        Assert.Equal("false", TrustDecision.Decide(TrustPolicy.Verified, ["*@a.example"], Good with { Author = new MailAddress(null, "\"x@a.example\"@evil.example") }));
    }
}
