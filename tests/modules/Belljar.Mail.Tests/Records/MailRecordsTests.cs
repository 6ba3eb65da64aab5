using System.Net;
using System.Security.Cryptography;
using Belljar.Hosting.Doctor;
using Belljar.Mail.Records;
using Belljar.Mail.Tests.Authentication;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Records;

public sealed class MailRecordsTests : IDisposable
{
    private static readonly IPAddress Here = IPAddress.Parse("198.51.100.7");

    private static readonly MailOptions Options = TestMail.Options with { HostName = "mx.example.org", Domains = ["example.org", "agent.localhost"] };

    private readonly TemporaryFolder _mail = new();

    public void Dispose() => _mail.Dispose();

    [Fact]
    public void Records_OfADomain_AreAllThatItNeeds()
    {
        var key = WriteKey("s1");
        var lines = MailRecords.Of(Options, [Here, IPAddress.Parse("2001:db8::7")], _mail.Path).Select(record => record.ZoneLine).ToList();
        Assert.Equal(
            [
                "mx.example.org. A 198.51.100.7",
                "mx.example.org. AAAA 2001:db8::7",
                "example.org. MX 10 mx.example.org.",
                "example.org. TXT \"v=spf1 mx -all\"",
                $"s1._domainkey.example.org. TXT \"{key[..255]}\" \"{key[255..]}\"",
                "_dmarc.example.org. TXT \"v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org\"",
            ],
            lines[..6]);
        Assert.Matches("^_mta-sts\\.example\\.org\\. TXT \"v=STSv1; id=[0-9a-f]{16}\"$", lines[6]);
        Assert.Equal("_smtp._tls.example.org. TXT \"v=TLSRPTv1; rua=mailto:postmaster@example.org\"", lines[7]);
        Assert.Equal(8, lines.Count);
    }

    [Theory]
    [InlineData("agent.localhost", true)]
    [InlineData("localhost", true)]
    [InlineData("x.home.arpa", true)]
    [InlineData("example.org", false)]
    [InlineData("internal.example.org", false)]
    public void Domain_ThatNobodyServes_IsLocal(string domain, bool isLocal) => Assert.Equal(isLocal, MailRecords.IsLocal(domain));

    [Fact]
    public void Domain_International_IsPublishedInItsAsciiForm() =>
        Assert.Contains(
            MailRecords.Of(Options with { Domains = ["bücher.org"] }, [Here], _mail.Path),
            record => record.ZoneLine == "xn--bcher-kva.org. MX 10 mx.example.org.");

    [Fact]
    public async Task Check_EverythingPublished_IsWell()
    {
        var zone = Published(WriteKey("s1"));
        var findings = await CheckAsync(zone);
        Assert.All(findings, finding => Assert.True(finding.State is CheckState.Ok, $"{finding}"));
        Assert.All(findings, finding => Assert.Null(finding.Remedy));
        Assert.Equal(7, findings.Count);
    }

    [Fact]
    public async Task Check_NothingPublished_SaysWhatToPublish()
    {
        WriteKey("s1");
        var findings = await CheckAsync(new ZoneResolver());
        Assert.All(findings, finding => Assert.Contains("ublish: " + finding.Record.ZoneLine, finding.Remedy, StringComparison.Ordinal));
        Assert.Equal(
            [RecordPurpose.Address, RecordPurpose.Mx, RecordPurpose.Spf, RecordPurpose.Dkim],
            findings.Where(finding => finding.State is CheckState.Bad).Select(finding => finding.Record.Purpose));
    }

    [Fact]
    public async Task Check_NobodyAnswers_IsNoMistakeOfTheDomain() =>
        Assert.All(
            await CheckAsync(new ZoneResolver().AddFailure("example.org").AddFailure("mx.example.org").AddFailure("_dmarc.example.org").AddFailure("_mta-sts.example.org").AddFailure("_smtp._tls.example.org")),
            finding => Assert.Equal(CheckState.Warn, finding.State));

    [Theory]
    [InlineData("mx.example.org", "A", "203.0.113.9", RecordPurpose.Address, CheckState.Bad, "Publish: mx.example.org. A 198.51.100.7")]
    [InlineData("example.org", "MX", "10 other.example.net", RecordPurpose.Mx, CheckState.Bad, "goes elsewhere")]
    [InlineData("example.org", "MX", "5 other.example.net|10 mx.example.org", RecordPurpose.Mx, CheckState.Warn, "other.example.net is tried first")]
    [InlineData("example.org", "TXT", "v=spf1 ip4:203.0.113.9 -all", RecordPurpose.Spf, CheckState.Bad, "it says fail")]
    [InlineData("example.org", "TXT", "v=spf1 +all", RecordPurpose.Spf, CheckState.Bad, "lets anybody send")]
    [InlineData("example.org", "TXT", "v=spf1 a:mx.example.org -all", RecordPurpose.Spf, CheckState.Ok, null)]
    [InlineData("_dmarc.example.org", "TXT", "v=DMARC1; p=none", RecordPurpose.Dmarc, CheckState.Warn, "asks nobody to act")]
    [InlineData("_dmarc.example.org", "TXT", "v=DMARC1; p=what", RecordPurpose.Dmarc, CheckState.Bad, "cannot be read")]
    [InlineData("_dmarc.example.org", "TXT", "v=DMARC1; p=reject", RecordPurpose.Dmarc, CheckState.Ok, null)]
    [InlineData("_mta-sts.example.org", "TXT", "v=STSv1; id=1", RecordPurpose.MtaSts, CheckState.Bad, "mta-sts.example.org has no address")]
    [InlineData("_smtp._tls.example.org", "TXT", "v=TLSRPTv1", RecordPurpose.TlsReporting, CheckState.Bad, "Exactly one with rua=")]
    [InlineData("s1._domainkey.example.org", "TXT", "v=DKIM1; p=", RecordPurpose.Dkim, CheckState.Bad, "Publish: s1._domainkey")]
    [InlineData("s1._domainkey.example.org", "TXT", "v=DKIM1; p=AAAA", RecordPurpose.Dkim, CheckState.Bad, "No signature verifies")]
    public async Task Check_SomethingElsePublished_SaysWhatIsWrong(string name, string type, string values, RecordPurpose purpose, CheckState state, string? remedy)
    {
        WriteKey("s1");
        var zone = new ZoneResolver();
        foreach (var value in values.Split('|'))
        {
            zone.Add(name, type, type == "MX" ? value.Split(' ') : [value]);
        }

        if (name != "mx.example.org")
        {
            zone.Add("mx.example.org", "A", $"{Here}");
        }

        var finding = (await CheckAsync(zone)).Single(one => one.Record.Purpose == purpose);
        Assert.Equal(state, finding.State);
        Assert.Contains(remedy ?? "", finding.Remedy ?? "", StringComparison.Ordinal);
        Assert.Equal(remedy is null, finding.Remedy is null);
    }

    [Fact]
    public async Task Check_TwoRecordsWhereOneCounts_IsBad()
    {
        var zone = new ZoneResolver().Add("example.org", "TXT", "v=spf1 mx -all").Add("example.org", "TXT", "v=spf1 -all").Add("example.org", "TXT", "something else");
        Assert.Equal("2 SPF records", (await CheckAsync(zone)).Single(one => one.Record.Purpose is RecordPurpose.Spf).Found);
    }

    private string WriteKey(string selector)
    {
        using var rsa = RSA.Create(2048);
        var text = $"v=DKIM1; k=rsa; p={Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo())}";
        Directory.CreateDirectory(_mail["dkim/example.org"]);
        File.WriteAllText(_mail[$"dkim/example.org/{selector}.txt"], text + "\n");
        return text;
    }

    private static ZoneResolver Published(string key) => new ZoneResolver()
        .Add("mx.example.org", "A", $"{Here}")
        .Add("example.org", "MX", "10", "mx.example.org")
        .Add("example.org", "TXT", "v=spf1 mx -all")
        .Add("s1._domainkey.example.org", "TXT", key[..255], key[255..])
        .Add("_dmarc.example.org", "TXT", "v=DMARC1; p=quarantine")
        .Add("_mta-sts.example.org", "TXT", "v=STSv1; id=20260314")
        .Add("mta-sts.example.org", "A", $"{Here}")
        .Add("_smtp._tls.example.org", "TXT", "v=TLSRPTv1; rua=mailto:postmaster@example.org");

    private async Task<List<RecordFinding>> CheckAsync(ZoneResolver zone)
    {
        var check = new RecordCheck(zone, "mx.example.org", [Here], new ManualClock());
        var findings = new List<RecordFinding>();
        foreach (var record in MailRecords.Of(Options, [Here], _mail.Path))
        {
            findings.Add(await check.RunAsync(record, CancellationToken.None));
        }

        return findings;
    }
}
