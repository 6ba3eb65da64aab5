using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Tls;

/// <summary>
/// A certificate of our own for a server that was given none. It keeps those out who only listen; senders do not verify an
/// MX's certificate unless DANE or MTA-STS told them to (RFC 7435).
/// </summary>
internal static class SelfSignedFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int Years = 5;
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    /// <summary>Makes the two files where they are missing, for another host, or nearly expired.</summary>
    public static TlsFiles Ensure(string folder, string hostName, TimeProvider clock)
    {
        DurableFiles.CreateFolder(folder);
        var files = new TlsFiles(Path.Combine(folder, "self-signed.pem"), Path.Combine(folder, "self-signed.key"));
        if (!IsGood(files, hostName, clock.GetUtcNow()))
        {
            Write(files, hostName, clock.GetUtcNow());
        }

        return files;
    }

    private static bool IsGood(TlsFiles files, string hostName, DateTimeOffset now)
    {
        if (!File.Exists(files.Certificate) || !File.Exists(files.Key))
        {
            return false;
        }

        try
        {
            using var certificate = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
            return certificate.NotAfter.ToUniversalTime() - now.UtcDateTime > RenewBefore && certificate.MatchesHostname(hostName);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static void Write(TlsFiles files, string hostName, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(hostName);

        // A common name has 64 characters at most; the alternative name is what counts.
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(hostName.Length <= 64 ? hostName : "belljar");
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(Years));
        WriteNew(files.Key, key.ExportPkcs8PrivateKeyPem());
        WriteNew(files.Certificate, certificate.ExportCertificatePem());
    }

    /// <summary>Its mode is 0600 from the first moment on.</summary>
    private static void WriteNew(string path, string text)
    {
        File.Delete(path);
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        using var writer = new StreamWriter(file);
        writer.Write(text);
    }
}
