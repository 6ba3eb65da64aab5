using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Belljar.Hosting;
using Belljar.Mail.Tls;
using Belljar.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Mail.Tests.Tls;

public sealed class TlsIdentityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WithoutFiles_OneIsMadeOnceAndItsKeyIsTheOwnersAlone()
    {
        var first = Thumbprint(Open(null, "mx.test"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["tls/self-signed.key"]));
        Assert.Equal(first, Thumbprint(Open(null, "mx.test")));
        var certificate = Open(null, "mx.test").Options().ServerCertificateContext!.TargetCertificate;
        Assert.True(certificate.MatchesHostname("mx.test"));
    }

    [Fact]
    public void SelfSigned_ForAnotherHostOrNearlyExpired_IsMadeAnew()
    {
        var first = Thumbprint(Open(null, "mx.test"));
        var second = Thumbprint(Open(null, "other.test"));
        Assert.NotEqual(first, second);
        _clock.Advance(TimeSpan.FromDays(5 * 365));
        Assert.NotEqual(second, Thumbprint(Open(null, "other.test")));
    }

    [Fact]
    public void Files_Replaced_AreUsedWithoutARestart()
    {
        var files = Make("a");
        var identity = Open(files, "mx.test");
        var first = Thumbprint(identity);
        Make("b");
        File.Move(_folder["b.pem"], files.Certificate, overwrite: true);
        _clock.Advance(TimeSpan.FromSeconds(2));

        // The certificate is there and its key is not yet: the old pair stays.
        Assert.Equal(first, Thumbprint(identity));
        File.Move(_folder["b.key"], files.Key, overwrite: true);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.NotEqual(first, Thumbprint(identity));
    }

    [Fact]
    public void Files_Missing_AreExplained()
    {
        var failed = Assert.Throws<OperatorException>(() => Open(new TlsFiles(_folder["no.pem"], _folder["no.key"]), "mx.test"));
        Assert.Contains("mail.smtp.tls", failed.Message, StringComparison.Ordinal);
    }

    private TlsIdentity Open(TlsFiles? files, string host) => TlsIdentity.Open(files, _folder["tls"], host, _clock, NullLogger<TlsIdentity>.Instance);

    private static string Thumbprint(TlsIdentity identity) => identity.Options().ServerCertificateContext!.TargetCertificate.Thumbprint;

    private TlsFiles Make(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(_clock.GetUtcNow(), _clock.GetUtcNow().AddYears(1));
        var files = new TlsFiles(_folder[name + ".pem"], _folder[name + ".key"]);
        File.WriteAllText(files.Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        return files;
    }
}
