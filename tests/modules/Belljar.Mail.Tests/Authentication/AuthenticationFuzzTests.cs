using System.Net;
using System.Text;
using Belljar.Mail.Authentication;
using Belljar.Mail.Authentication.Dkim;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Mail.Authentication.Spf;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Authentication;

/// <summary>Whatever a sender writes or a domain publishes: a result, no exception, and no pass that was not earned.</summary>
public sealed class AuthenticationFuzzTests
{
    private static readonly byte[][] Words =
    [
        .. new[] { "\r\n", "\r\n ", ";", "=", ":", "b=", "bh=", "h=from", "l=1;", "c=relaxed/simple;", "d=", "i=@", "t=1;", "x=9;", "a=ed25519-sha256;", "From: ", "DKIM-Signature: ", "\0", "é" }
            .Select(Encoding.UTF8.GetBytes),
    ];

    [Fact]
    public void AnySignedMessage_PassesOnlyWithItsFromAndBody()
    {
        var rig = new Rig();
        var signed = rig.Signer.Sign(Rig.Letter, "a.example", names: "from:from:to:subject");
        var tried = Fuzz.Run([Encoding.Latin1.GetBytes(signed)], Words, input =>
        {
            var results = rig.VerifyAsync(Encoding.Latin1.GetString(input)).GetAwaiter().GetResult();
            Assert.NotEmpty(results.ToHeader("mx.test"));
            if (results.IsAligned)
            {
                Assert.Equal("ann@a.example", results.Author!.Address);
                var text = Encoding.Latin1.GetString(input);
                Assert.Contains("and another", text[text.IndexOf("\r\n\r\n", StringComparison.Ordinal)..]);
            }
        });
        Assert.True(tried > 10);
    }

    [Fact]
    public void AnySpfRecord_GivesAResultWithinItsBudget()
    {
        string[] records =
        [
            "v=spf1 a:%{d}.x.example mx/24//96 ip4:192.0.2.0/24 ip6:2001:db8::/32 include:b.example ?exists:%{ir}.%{v}._spf.%{d2} ~all",
            "v=spf1 ptr:%{p} redirect=%{l1r-}.example exp=%{h}.e.example", "v=spf1 include:z.example include:z.example -all exp=z.example",
        ];
        byte[][] words = [.. new[] { "%{", "}", "%{p}", "%{s99r.-+,/_=}", "%%", "include:z.example ", "redirect=z.example", "/", "//128", " ", "mx ", "a ", "exists:%{i}", ":" }.Select(Encoding.ASCII.GetBytes)];
        var policy = new AuthenticationPolicy { PublicSuffixes = PublicSuffixList.BuiltIn };
        var tried = Fuzz.Run([.. records.Select(Encoding.ASCII.GetBytes)], words, input =>
        {
            var zone = new ZoneResolver().Add("z.example", "TXT", [.. Encoding.Latin1.GetString(input).Chunk(255).Select(part => new string(part))]);
            zone.Add("z.example", "MX", "1", "z.example").Add("z.example", "A", "203.0.113.1").Add("5.2.0.192.in-addr.arpa", "PTR", "z.example");
            var verifier = new SpfVerifier(zone, policy, new ManualClock());
            var result = verifier.VerifyAsync(new SmtpEnvelopeFacts(IPAddress.Parse("192.0.2.5"), "z.example", "a-b@z.example"), CancellationToken.None).GetAwaiter().GetResult();

            // Ten terms, an MX of ten names each at most, and the names of one PTR.
            Assert.True(zone.Queries <= 140, $"{zone.Queries} queries");
            Assert.True(Enum.IsDefined(result.Verdict));
        });
        Assert.True(tried > 10);
    }

    [Fact]
    public void AnyTagList_IsReadOrRefused()
    {
        byte[][] samples = ["v=1; a=rsa-sha256; d=a.example; s=s; i==41x@a.example; h=from : to; bh=AAAA; b=AA AA;"u8.ToArray(), "v=DKIM1; k=rsa; t=y:s; h=sha256; p=AAAA"u8.ToArray(), "v=DMARC1; p=none; sp=reject; pct=10; rua=mailto:a@b"u8.ToArray()];
        var tried = Fuzz.Run(samples, Words, input =>
        {
            if (TagList.TryParse(input, out var tags))
            {
                var signature = DkimSignature.TryRead(tags, acceptHistoric: true, out var mistake);
                Assert.True(signature is null == mistake.Length > 0);
            }

            Assert.True(DkimKey.TryRead(input, out var why) is null == why.Length > 0);
            DmarcRecord.TryRead(input);
        });
        Assert.True(tried > 10);
    }
}
