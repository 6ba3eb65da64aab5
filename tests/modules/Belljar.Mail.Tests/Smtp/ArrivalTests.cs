using System.Net;
using System.Text;
using Belljar.Contracts.Events;
using Belljar.Mail.Authentication;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Mail.Reading;
using Belljar.Mail.Smtp;
using Belljar.Mail.Storage;
using Belljar.Mail.Tests.Authentication;
using Belljar.Mail.Victim;
using Belljar.Net.Dns;
using Belljar.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Mail.Tests.Smtp;

/// <summary>A message said over SMTP, and what the mailbox then believes of it.</summary>
public sealed class ArrivalTests : IDisposable
{
    private static readonly MailboxOptions Agent = new("agent", ["agent@mx.test"], TrustPolicy.Verified, null) { TrustedSenders = ["*@a.example", "*@*.a.example"] };

    private readonly TemporaryFolder _folder = new();
    private readonly Rig _rig = new();
    private readonly MailHost.Recorded _events = new();
    private readonly List<IDisposable> _made = [];

    public void Dispose()
    {
        _made.ForEach(made => made.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public async Task SignedByTheDomainOfFrom_IsTrusted()
    {
        var message = await DeliverAsync(_rig.Signer.Sign(Rig.Letter, "a.example"));

        AssertProof(message, dkim: "pass", spf: "none", dmarc: "pass", trusted: "true");
        Assert.Equal("true", EventKinds.MailReceived.Read(Assert.Single(_events.Of(EventKinds.MailReceived)))!.Trusted);
        var raw = Raw(message);
        Assert.StartsWith("Return-Path: <bounce@c.example>\r\nAuthentication-Results: mx.test;\r\n\tspf=none", raw, StringComparison.Ordinal);
        Assert.Contains("header.d=a.example", raw, StringComparison.Ordinal);
        Assert.Contains("\tdmarc=pass reason=\"signed by a.example\"\r\n\t\tpolicy.dmarc=reject\r\n\t\theader.from=a.example\r\nReceived: from mx.c.example", raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SenderOfTheDomainOfFrom_IsTrusted() =>
        AssertProof(await DeliverAsync(Rig.Letter, "192.0.2.1", "ann@a.example"), dkim: "none", spf: "pass", dmarc: "pass", trusted: "true");

    [Fact]
    public async Task ProvenButNotAmongTheTrusted_IsNotTrusted() => AssertProof(
        await DeliverAsync(_rig.Signer.Sign(Rig.Letter.Replace("ann@a.example", "ann@evil.example"), "evil.example")), dkim: "pass", spf: "none", dmarc: "pass", trusted: "false");

    /// <summary>The trap that gave this design its shape: something passes, and it says nothing of From.</summary>
    [Fact]
    public async Task SignatureAndSenderOfAnotherDomain_Pass_AndAreNotTrusted() => AssertProof(
        await DeliverAsync(_rig.Signer.Sign(Rig.Letter, "evil.example"), "203.0.113.9", "eve@evil.example"), dkim: "pass", spf: "pass", dmarc: "fail", trusted: "false");

    [Theory]
    [InlineData("From: ann@a.example\r\nFrom: eve@evil.example\r\n")]
    [InlineData("From: eve@evil.example\r\nFrom: ann@a.example\r\n")]
    [InlineData("From: ann@a.example, eve@evil.example\r\n")]
    [InlineData("From: friends: ann@a.example;\r\n")]
    [InlineData("From: \"ann@a.example\" <eve@evil.example>\r\n")]
    [InlineData("From: =?utf-8?q?ann=40a=2Eexample?= <eve@evil.example>\r\n")]
    [InlineData("From: ann@a.example <eve@evil.example>\r\n")]
    [InlineData("From: \"ann@a.example\\\" <eve@evil.example>\" <eve@evil.example>\r\n")]
    [InlineData("From: ann@a.example\u202e\r\n")]
    [InlineData("From: ann@a.example.evil.example\r\n")]
    [InlineData("From: ann@xn--a-ecp.example\r\n")]
    [InlineData("")]
    public async Task FromOfTwoReadings_OrOfSomebodyElse_IsNotTrusted(string from)
    {
        var letter = from + Rig.Letter[Rig.Letter.IndexOf("To:", StringComparison.Ordinal)..];
        foreach (var signer in new[] { "a.example", "evil.example" })
        {
            var message = await DeliverAsync(_rig.Signer.Sign(letter, signer), "192.0.2.1", "eve@a.example");
            Assert.Equal("false", message.Summary.Trusted);
        }
    }

    [Fact]
    public async Task ForgedResults_AreTakenOutOfTheRawCopy_AndProveNothing()
    {
        var letter = "Authentication-Results: mx.test; dmarc=pass header.from=a.example\r\nAuthentication-Results: relay.example; spf=pass\r\n" + Rig.Letter;
        var message = await DeliverAsync(letter);

        AssertProof(message, dkim: "none", spf: "none", dmarc: "fail", trusted: "false");
        var raw = Raw(message);
        Assert.Equal(2, raw.Split("Authentication-Results: ").Length - 1);
        Assert.DoesNotContain("dmarc=pass", raw, StringComparison.Ordinal);
        Assert.EndsWith("\r\nAuthentication-Results: relay.example; spf=pass\r\n" + Rig.Letter, raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignatureThatLeavesTheBodyOpen_IsNoProof()
    {
        var signed = _rig.Signer.Sign(Rig.Letter, "a.example", tags: " l=9;");
        AssertProof(await DeliverAsync(signed + "Pay Eve.\r\n"), dkim: "policy", spf: "none", dmarc: "fail", trusted: "false");
    }

    [Fact]
    public async Task NameInHello_OfADomainThatAllowsThePeer_ProvesNothingOfASender()
    {
        _rig.Zone.Add("c.example", "TXT", "v=spf1 -all");
        AssertProof(await DeliverAsync(Rig.Letter, "192.0.2.1", "bounce@c.example", helo: "a.example"), dkim: "none", spf: "fail", dmarc: "fail", trusted: "false");
    }

    [Theory]
    [InlineData("a.example", "pass", "true")]
    [InlineData("evil.example", "fail", "false")]
    [InlineData("[192.0.2.1]", "fail", "false")]
    public async Task NullSender_IsJudgedByHello(string helo, string dmarc, string trusted)
    {
        var message = await DeliverAsync(Rig.Letter, "192.0.2.1", "", helo);
        Assert.Equal((dmarc, trusted), (message.Frontmatter.GetString("dmarc"), message.Summary.Trusted));
        Assert.StartsWith("Return-Path: <>\r\n", Raw(message), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BelowADomain_ItsPolicyForSubdomainsHolds()
    {
        var letter = Rig.Letter.Replace("ann@a.example", "ann@shop.a.example");
        var signed = await DeliverAsync(_rig.Signer.Sign(letter, "a.example"));
        AssertProof(signed, dkim: "pass", spf: "none", dmarc: "pass", trusted: "true");
        Assert.Contains("policy.dmarc=quarantine", Raw(signed), StringComparison.Ordinal);
        AssertProof(await DeliverAsync(letter), dkim: "none", spf: "none", dmarc: "fail", trusted: "false");

        _rig.Zone.Add("_dmarc.strict.a.example", "TXT", "v=DMARC1; p=reject; adkim=s; aspf=s");
        var strict = letter.Replace("shop.a.example", "strict.a.example");
        AssertProof(await DeliverAsync(_rig.Signer.Sign(strict, "a.example"), "192.0.2.1", "x@a.example"), dkim: "pass", spf: "pass", dmarc: "fail", trusted: "false");
    }

    [Fact]
    public async Task OneDomain_DoesNotVouchForItsNeighbourUnderASuffix()
    {
        _rig.Zone.Add("s._domainkey.eve.co.uk", "TXT", Rig.Chunks(_rig.Signer.KeyRecord));
        _rig.Zone.Add("_dmarc.ann.co.uk", "TXT", "v=DMARC1; p=none");
        var message = await DeliverAsync(_rig.Signer.Sign(Rig.Letter.Replace("ann@a.example", "ann@ann.co.uk"), "eve.co.uk"));
        AssertProof(message, dkim: "pass", spf: "none", dmarc: "fail", trusted: "false");
    }

    [Fact]
    public async Task MailboxWithoutPolicy_SaysNone_WhateverIsProven()
    {
        var message = await DeliverAsync(_rig.Signer.Sign(Rig.Letter, "a.example"), recipient: "open@mx.test");
        AssertProof(message, dkim: "pass", spf: "none", dmarc: "pass", trusted: "none");
    }

    [Fact]
    public async Task BytesThatAreNoUtf8_SurviveAndVerify()
    {
        var letter = Rig.Letter + "caf\u00e9 \u0080\u00ff\r\n.leading dot\r\n";
        var signed = _rig.Signer.Sign(letter, "a.example");
        var message = await DeliverAsync(signed);
        AssertProof(message, dkim: "pass", spf: "none", dmarc: "pass", trusted: "true");
        Assert.EndsWith(signed, Raw(message), StringComparison.Ordinal);
        AssertProof(await DeliverAsync(signed.Replace('\u0080', '\u0081')), dkim: "fail", spf: "none", dmarc: "fail", trusted: "false");
    }

    [Fact]
    public async Task ServersThatNeverAnswer_DelayAStrangerByTheBoundAndLoseNothing()
    {
        var dns = new SilentResolver();
        var delivering = DeliverAsync(_rig.Signer.Sign(Rig.Letter, "a.example"), "192.0.2.1", "ann@a.example", dns: dns);
        await dns.Asked;
        _rig.Clock.Advance(TimeSpan.FromSeconds(5));

        AssertProof(await delivering, dkim: "temperror", spf: "temperror", dmarc: "temperror", trusted: "false");
    }

    /// <summary>Whoever adds a signature of his own, whose key never comes, spoils nobody else's.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SlowSignature_BesideAGoodOne_SpoilsNothing(bool isFirst)
    {
        var dns = new SilentResolver(_rig.Zone, "slow._domainkey.evil.example", awaited: "s._domainkey.a.example");
        var (inner, outer) = isFirst ? (("a.example", "s"), ("evil.example", "slow")) : (("evil.example", "slow"), ("a.example", "s"));
        var signed = _rig.Signer.Sign(_rig.Signer.Sign(Rig.Letter, inner.Item1, selector: inner.Item2), outer.Item1, selector: outer.Item2);
        var delivering = DeliverAsync(signed, dns: dns);
        await dns.Asked;
        _rig.Clock.Advance(TimeSpan.FromSeconds(5));

        AssertProof(await delivering, dkim: "pass", spf: "none", dmarc: "pass", trusted: "true");
    }

    [Fact]
    public async Task ServersThatFailNow_AreATemporaryError()
    {
        _rig.Zone.AddFailure("t._domainkey.a.example").AddFailure("c.example");
        AssertProof(await DeliverAsync(_rig.Signer.Sign(Rig.Letter, "a.example", selector: "t")), dkim: "temperror", spf: "temperror", dmarc: "temperror", trusted: "false");
    }

    [Fact]
    public async Task ThisMachine_Unsigned_AsksNobody()
    {
        var dns = new SilentResolver();
        AssertProof(await DeliverAsync(Rig.Letter, "127.0.0.1", "ann@a.example", dns: dns), dkim: "none", spf: "none", dmarc: "none", trusted: "false");
        Assert.False(dns.Asked.IsCompleted);
    }

    [Fact]
    public async Task ThisMachine_Signed_IsVerified()
    {
        AssertProof(await DeliverAsync(_rig.Signer.Sign(Rig.Letter, "a.example"), "127.0.0.1"), dkim: "pass", spf: "none", dmarc: "pass", trusted: "true");

        var dns = new SilentResolver();
        var delivering = DeliverAsync(_rig.Signer.Sign(Rig.Letter, "a.example"), "::1", dns: dns);
        await dns.Asked;
        _rig.Clock.Advance(TimeSpan.FromMilliseconds(700));
        AssertProof(await delivering, dkim: "temperror", spf: "none", dmarc: "temperror", trusted: "false");
    }

    private static void AssertProof(StoredMessage message, string dkim, string spf, string dmarc, string trusted)
    {
        var fields = message.Frontmatter;
        Assert.Equal((dkim, spf, dmarc, trusted), (fields.GetString("dkim"), fields.GetString("spf"), fields.GetString("dmarc"), fields.GetString("trusted")));
        Assert.Equal(trusted, message.Summary.Trusted);
    }

    private static string Raw(StoredMessage message) => Encoding.Latin1.GetString(File.ReadAllBytes(message.RawPath!));

    /// <param name="text">Characters up to U+00FF are octets.</param>
    private async Task<StoredMessage> DeliverAsync(
        string text, string client = "203.0.113.9", string mailFrom = "bounce@c.example", string helo = "mx.c.example", string recipient = "agent@mx.test", IDnsResolver? dns = null)
    {
        var options = TestMail.Options with { Mailboxes = [Agent, new MailboxOptions("open", ["open@mx.test"], TrustPolicy.None, null)] };
        var known = Directory.Exists(_folder["inbox"]) ? Directory.GetFiles(_folder["inbox"], "*.md", SearchOption.AllDirectories).ToHashSet() : [];
        using var store = TestMail.OpenStore(_folder.Path, _rig.Clock, options);
        using var listener = new SmtpListener(options, store, new MailEvents(_events, _rig.Clock), _rig.Clock, NullLogger<SmtpListener>.Instance)
        {
            Authenticator = new MailAuthenticator(dns ?? _rig.Zone, new AuthenticationPolicy { PublicSuffixes = PublicSuffixList.BuiltIn }, _rig.Clock),
        };
        var peer = new MemoryConnection(listener, client);
        await peer.ReadReplyAsync();
        await peer.SayAsync($"EHLO {helo}");
        Assert.StartsWith("250", await peer.SayAsync($"MAIL FROM:<{mailFrom}>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await peer.SayAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await peer.SayAsync("DATA"), StringComparison.Ordinal);
        await peer.SendAsync(Encoding.Latin1.GetBytes(text.Replace("\r\n.", "\r\n..")));
        Assert.Equal("250 2.0.0 message stored\r\n", await peer.SayAsync("."));
        await peer.SayAsync("QUIT");
        await peer.Served;

        var file = Directory.GetFiles(_folder["inbox"], "*.md", SearchOption.AllDirectories).Single(path => !known.Contains(path));
        return TestMail.Reader(_folder.Path, options).Show(Path.GetFileName(Path.GetDirectoryName(file)!), Path.GetFileNameWithoutExtension(file))!;
    }
}
