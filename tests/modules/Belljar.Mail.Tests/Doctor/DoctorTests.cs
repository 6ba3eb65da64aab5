using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Belljar.Hosting.Doctor;
using Belljar.Mail.Doctor;
using Belljar.Mail.Storage;
using Belljar.Mail.Tests.Authentication;
using Belljar.Mail.Tls;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Doctor;

public sealed class DoctorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    private MailLayout Layout => new(_folder["mail"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Mailboxes_AsTheServerMakesThem_AreWell()
    {
        await ReceiveAsync();
        Assert.Equal(CheckState.Ok, Assert.Single(ModeRows.Find(Layout, CancellationToken.None)).State);
        Assert.Equal(CheckState.Ok, Assert.Single(OrphanRows.Find(Layout, TestMail.Options, _clock.GetUtcNow(), CancellationToken.None)).State);
        Assert.Equal(CheckState.Ok, Assert.Single(OwnerRows.Find(Layout, Users(FolderOwner.Of(_folder.Path)!.Value))).State);
    }

    [Fact]
    public void Mailboxes_ThatAreNotThereYet_AreWell()
    {
        Assert.Equal(CheckState.Ok, Assert.Single(ModeRows.Find(Layout, CancellationToken.None)).State);
        Assert.Equal(CheckState.Ok, Assert.Single(OrphanRows.Find(Layout, TestMail.Options, _clock.GetUtcNow(), CancellationToken.None)).State);
        Assert.Equal(CheckState.Ok, Assert.Single(OwnerRows.Find(Layout, Users(1))).State);
    }

    [Fact]
    public async Task Mode_OpenToOthers_IsBadAndItsRemedyHelps()
    {
        await ReceiveAsync();
        var file = Directory.GetFiles(_folder["mail/inbox/agent"], "*.md")[0];
        File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.OtherRead);
        var row = Assert.Single(ModeRows.Find(Layout, CancellationToken.None));
        Assert.Equal(CheckState.Bad, row.State);
        Assert.Contains(file, row.What, StringComparison.Ordinal);
        Assert.StartsWith("chmod -R g-ws,o-rwx,u-s ", row.Remedy, StringComparison.Ordinal);
        File.SetUnixFileMode(file, File.GetUnixFileMode(file) & ~UnixFileMode.OtherRead);
        Assert.Equal(CheckState.Ok, Assert.Single(ModeRows.Find(Layout, CancellationToken.None)).State);
    }

    [Fact]
    public async Task Owner_WhoDoesNotExist_IsBad()
    {
        await ReceiveAsync();
        var row = Assert.Single(OwnerRows.Find(Layout, _ => null));
        Assert.Equal(CheckState.Bad, row.State);
        Assert.Contains("who does not exist", row.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Storage_ThatBelongsToNothing_IsNamed()
    {
        await ReceiveAsync();
        Directory.CreateDirectory(_folder["mail/inbox/gone"]);
        var message = Directory.GetFiles(_folder["mail/inbox/agent"], "*.md")[0];
        File.Delete(message);
        await File.WriteAllTextAsync(_folder["mail/inbox/agent/.tmp-old.md"], "");
        File.SetLastWriteTimeUtc(_folder["mail/inbox/agent/.tmp-old.md"], _clock.GetUtcNow().AddHours(-2).UtcDateTime);
        var rows = OrphanRows.Find(Layout, TestMail.Options, _clock.GetUtcNow(), CancellationToken.None);
        Assert.All(rows, row => Assert.Equal(CheckState.Warn, row.State));
        Assert.Equal(3, rows.Count);
        Assert.Contains(rows, row => row.What.StartsWith("1 original messages", StringComparison.Ordinal) && row.Remedy!.Contains(Path.GetFileNameWithoutExtension(message), StringComparison.Ordinal));
        Assert.Contains(rows, row => row.What.StartsWith("1 unfinished", StringComparison.Ordinal));
        Assert.Contains(rows, row => row.What.Contains("no configured mailbox", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(100, "mx.test", CheckState.Ok)]
    [InlineData(10, "mx.test", CheckState.Warn)]
    [InlineData(-1, "mx.test", CheckState.Bad)]
    [InlineData(100, "other.test", CheckState.Warn)]
    public void Certificate_IsJudgedByItsEndAndName(int daysLeft, string name, CheckState state)
    {
        var row = Assert.Single(CertificateRows.Find(WithCertificate(name, daysLeft), _clock.GetUtcNow()));
        Assert.Equal(state, row.State);
        Assert.Equal(state is CheckState.Ok, row.Remedy is null);
    }

    [Fact]
    public void Certificate_ThatIsNotThere_IsBad()
    {
        var options = TestMail.Options with { Smtp = TestMail.Options.Smtp with { Tls = new TlsFiles(_folder["none.pem"], _folder["none.key"]) } };
        Assert.Equal(CheckState.Bad, Assert.Single(CertificateRows.Find(options, _clock.GetUtcNow())).State);
    }

    [Fact]
    public void Postmaster_WhomNobodyReceives_IsNamed()
    {
        var rows = PostmasterRows.Find(TestMail.Options with { Domains = ["mx.test", "rest.test"] });
        Assert.Equal([CheckState.Warn, CheckState.Ok], rows.Select(row => row.State));
    }

    [Fact]
    public async Task Dns_ThatDisagreesWithTheKey_IsBad()
    {
        Directory.CreateDirectory(_folder["mail/dkim/example.org"]);
        await File.WriteAllTextAsync(_folder["mail/dkim/example.org/s1.txt"], "v=DKIM1; k=rsa; p=AAAA");
        var zone = new ZoneResolver().Add("s1._domainkey.example.org", "TXT", "v=DKIM1; k=rsa; p=BBBB");
        var rows = await DnsRows.FindAsync(TestMail.Options with { Domains = ["example.org", "x.localhost"] }, _folder["mail"], zone, _clock, CancellationToken.None);
        var row = Assert.Single(rows, one => one.What.Contains("_domainkey", StringComparison.Ordinal));
        Assert.Equal(CheckState.Bad, row.State);
        Assert.Contains("another key", row.What, StringComparison.Ordinal);
        Assert.Contains(rows, one => one.What.StartsWith("x.localhost", StringComparison.Ordinal) && one.State is CheckState.Ok);
    }

    [Fact]
    public void Checks_HaveNamesOfTheirOwn() => Assert.Equal(MailDoctor.Checks.Count, MailDoctor.Checks.Select(check => check.Name).Distinct().Count());

    private static Func<int, string?> Users(int user) => other => other == user ? "me" : null;

    private async Task ReceiveAsync()
    {
        using var store = TestMail.OpenStore(_folder["mail"], _clock);
        Assert.Single((await store.DeliverAsync(TestMail.Received(_clock, TestMail.Message()), [TestMail.To(TestMail.Agent)]))!);
    }

    private MailOptions WithCertificate(string name, int daysLeft)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        var request = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(_clock.GetUtcNow().AddDays(-200), _clock.GetUtcNow().AddDays(daysLeft));
        File.WriteAllText(_folder["c.pem"], certificate.ExportCertificatePem());
        File.WriteAllText(_folder["c.key"], key.ExportPkcs8PrivateKeyPem());
        return TestMail.Options with { Smtp = TestMail.Options.Smtp with { Tls = new TlsFiles(_folder["c.pem"], _folder["c.key"]) } };
    }
}
