using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Belljar.Egress.Tests;

/// <summary>An authority of the tests' own, for the hosts outside: a gate knows it through <c>upstream_ca</c>, or not at all.</summary>
internal static class Identity
{
    private static readonly ECDsa AuthorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static readonly X509Certificate2 Authority = CreateAuthority();

    public static string AuthorityPem => Authority.ExportCertificatePem();

    /// <summary>For <c>api.example</c>, <c>b.example</c>, <c>localhost</c> and 127.0.0.1.</summary>
    public static readonly X509Certificate2 Server = Issue(["api.example", "b.example", "localhost", "api.localhost"], [IPAddress.Loopback]);

    /// <summary>For somebody else.</summary>
    public static readonly X509Certificate2 Stranger = Issue(["stranger.test"], []);

    public static SslServerAuthenticationOptions Options(X509Certificate2 certificate) => new() { ServerCertificate = certificate };

    private static X509Certificate2 CreateAuthority()
    {
        var request = new CertificateRequest("CN=Authority of the tests", AuthorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-2), now.AddDays(30));
    }

    private static X509Certificate2 Issue(string[] names, IPAddress[] addresses)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a server of the tests", key, HashAlgorithmName.SHA256);
        var alternative = new SubjectAlternativeNameBuilder();
        Array.ForEach(names, alternative.AddDnsName);
        Array.ForEach(addresses, alternative.AddIpAddress);
        request.CertificateExtensions.Add(alternative.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Authority, true, false));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(Authority.SubjectName, X509SignatureGenerator.CreateForECDsa(AuthorityKey), now.AddDays(-1), now.AddDays(29), RandomNumberGenerator.GetBytes(8));
        using var whole = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
