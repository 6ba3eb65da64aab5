using System.Net;
using System.Text;
using Belljar.Mail.Authentication;
using Belljar.Mail.Authentication.Dkim;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Mail.Authentication.Spf;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Authentication;

/// <summary>Pieces that mean something in tag lists and header fields.</summary>
internal static class AuthenticationFuzzWords
{
    public static readonly byte[][] All =
    [
        .. new[] { "\r\n", "\r\n ", ";", "=", ":", "b=", "bh=", "h=from", "l=1;", "c=relaxed/simple;", "d=", "i=@", "t=1;", "x=9;", "a=ed25519-sha256;", "From: ", "DKIM-Signature: ", "\0", "é" }
            .Select(Encoding.UTF8.GetBytes),
    ];
}

/// <summary>Whatever a sender writes: a result, no exception, and no pass that was not earned.</summary>
public sealed class DkimFuzzTests
{
    private static readonly Grammar Signatures = new("message", new Dictionary<string, string[]>
    {
        ["message"] = ["DKIM-Signature:{fws}{tag}{more*}{end}\r\n{rest}", "{signature*}{signature}{rest}"],
        ["signature"] = ["DKIM-Signature:{fws}{tag};{tag};{tag};{tag};{tag};{tag};{tag}{more*}{end}\r\n"],
        ["rest"] = ["From: Ann <ann@a.example>\r\nTo: bob@b.example\r\nSubject: Hello\r\n\r\nOne line.\r\nand another\r\n", "{field*}\r\n{line*}"],
        ["field"] = ["From: {word}@{domain}\r\n", "Subject:{fws}{word}\r\n", "To: a@b\r\n", "from:{fws}<{word}@{domain}>\r\n"],
        ["line"] = ["text\r\n", " \t{word} \r\n", "\r\n"],
        ["more"] = [";{fws}{tag}"],
        ["end"] = ["", ";", ";;", "; "],
        ["tag"] = ["v=1", "a={algorithm}", "c={canon}", "d={domain}", "s={word}", "h={names}", "bh={base64}", "b={base64}", "i={word}@{domain}", "l={number}", "t={number}", "x={number}", "q=dns/txt", "z={word}:{word}|{word}", "{word}={word}"],
        ["algorithm"] = ["rsa-sha256", "rsa-sha1", "ed25519-sha256", "{word}"],
        ["canon"] = ["relaxed/relaxed", "simple", "relaxed/simple", "simple/relaxed", "{word}/{word}"],
        ["domain"] = ["a.example", "x.a.example", "b.example", "example", "."],
        ["names"] = ["from:to:subject", "from", "{word}", "from:from:{names}", "{fws}from{fws}:{fws}to", ":"],
        ["base64"] = ["", "AAAA", "AA{fws}AA=", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "{word}"],
        ["number"] = ["0", "1", "1600000000", "99999999999999999999", "-1"],
        ["fws"] = ["", " ", "\r\n ", "\t", " \r\n\t"],
        ["word"] = ["s", "sel", "é", "a-b", "=", "\\", ""],
    });

    [Fact]
    public void AnySignedMessage_PassesOnlyWithItsFromAndBody()
    {
        var rig = new Rig();
        var signed = rig.Signer.Sign(Rig.Letter, "a.example", names: "from:from:to:subject");
        var tried = Fuzz.Run([Encoding.Latin1.GetBytes(signed)], AuthenticationFuzzWords.All, input =>
        {
            var results = rig.VerifyAsync(Encoding.Latin1.GetString(input)).GetAwaiter().GetResult();
            Assert.NotEmpty(results.ToHeader("mx.test"));
            if (results.IsAligned)
            {
                Assert.Equal("ann@a.example", results.Author!.Address);
                var text = Encoding.Latin1.GetString(input);
                // Relaxed canonicalisation takes runs of white space for one space, so they may differ (RFC 6376, 3.4.4).
                var body = string.Join(' ', text[text.IndexOf("\r\n\r\n", StringComparison.Ordinal)..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
                Assert.Contains("and another", body);
            }
        }, Signatures, "dkim");
        Assert.True(tried > 10);
    }
}

/// <summary>Whatever a domain publishes.</summary>
public sealed class SpfFuzzTests
{
    private static readonly Grammar Records = new("record", new Dictionary<string, string[]>
    {
        ["record"] = ["v=spf1{term*}{term*}{term}"],
        ["term"] = [" {qualifier}all", " {qualifier}{mechanism}", " {modifier}", " "],
        ["qualifier"] = ["", "+", "-", "~", "?"],
        ["mechanism"] = ["a{target}{cidr}", "mx{target}{cidr}", "ptr{target}", "ip4:{ip4}{cidr}", "ip6:{ip6}{cidr}", "include:{name}", "exists:{name}", "all{target}"],
        ["modifier"] = ["redirect={name}", "exp={name}", "x-{label}={name}", "redirect="],
        ["target"] = ["", ":{name}", ":"],
        ["cidr"] = ["", "/24", "/0", "//64", "/32//128", "/99", "/"],
        ["ip4"] = ["192.0.2.0", "192.0.2.5", "0.0.0.0", "300.1.1.1", "1.2.3"],
        ["ip6"] = ["2001:db8::", "::", "::ffff:192.0.2.5", ":", "1:2:3:4:5:6:7:8:9"],
        ["name"] = ["z.example", "{label}.z.example", "{macro}.z.example", "{label}.{name}", "{macro}{macro}", "%"],
        ["macro"] = ["%{lb}{letter}{digits}{reverse}{delimiters}}", "%%", "%_", "%-"],
        ["lb"] = ["{", ""],
        ["letter"] = ["i", "s", "l", "o", "d", "v", "h", "p", "c", "r", "t", "S", "x", ""],
        ["digits"] = ["", "1", "2", "0", "128", "999999999999"],
        ["reverse"] = ["", "r"],
        ["delimiters"] = ["", ".", "-", ".-+,/_="],
        ["label"] = ["a", "b-c", "_spf", "xn--a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
    });

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
        }, Records, "spf");
        Assert.True(tried > 10);
    }
}

/// <summary>Tag lists by themselves.</summary>
public sealed class TagListFuzzTests
{
    [Fact]
    public void AnyTagList_IsReadOrRefused()
    {
        byte[][] samples = ["v=1; a=rsa-sha256; d=a.example; s=s; i==41x@a.example; h=from : to; bh=AAAA; b=AA AA;"u8.ToArray(), "v=DKIM1; k=rsa; t=y:s; h=sha256; p=AAAA"u8.ToArray(), "v=DMARC1; p=none; sp=reject; pct=10; rua=mailto:a@b"u8.ToArray()];
        var tried = Fuzz.Run(samples, AuthenticationFuzzWords.All, input =>
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
