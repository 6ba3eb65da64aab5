using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Belljar.Contracts;

namespace Belljar.Egress.Certificates;

/// <summary>An authority's certificate and key as text, for the one descriptor on which they travel. Never on disk, never inside.</summary>
/// <param name="CertificatePem">What the sandbox trusts.</param>
/// <param name="KeyPem">PKCS #8.</param>
public sealed record AuthorityPem(string CertificatePem, string KeyPem)
{
    /// <summary>Nothing of what a log might print.</summary>
    public override string ToString() => nameof(AuthorityPem);
}

/// <summary>
/// The certificate authority of one session: everything inside trusts it, nobody else does. Made by whoever starts the
/// session, so that a gate that is started again is trusted again.
/// </summary>
public sealed class SessionAuthority : IDisposable
{
    /// <summary>Clocks inside and outside are one clock, but an image's fake time or a virtual machine's may lag.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromDays(2);

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(366);
    private static readonly TimeSpan LeafLifetime = TimeSpan.FromDays(30);

    private readonly X509Certificate2 _certificate;

    // One key for all leaves: it lives and dies with the authority's, and a leaf costs a signature only.
    private readonly ECDsa _leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509SignatureGenerator _signer;
    private readonly ECDsa _key;

    private SessionAuthority(X509Certificate2 certificate, ECDsa key)
    {
        _certificate = certificate;
        _key = key;
        _signer = X509SignatureGenerator.CreateForECDsa(key);
    }

    public static AuthorityPem Create(SessionSlug session, TimeProvider clock)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=egress gate of {session.Value}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = clock.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now - Skew, now + Lifetime);
        return new AuthorityPem(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <exception cref="CryptographicException">It is no certificate or no key.</exception>
    /// <exception cref="ArgumentException">It is no PEM.</exception>
    public static SessionAuthority Open(AuthorityPem pem)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(pem.KeyPem);
        return new SessionAuthority(X509Certificate2.CreateFromPem(pem.CertificatePem), key);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
        _leafKey.Dispose();
    }

    /// <summary>A certificate for one host, with its key.</summary>
    /// <param name="host">A name, or an IP address in its usual spelling.</param>
    internal X509Certificate2 Mint(string host, DateTimeOffset now)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(host.Length <= 64 ? host : "too long for a common name");
        var request = new CertificateRequest(subject.Build(), _leafKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false)); // serverAuth
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(AlternativeName(host));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40); // positive, and no leading zero to be dropped (RFC 5280 §4.1.2.2)
        var lastDay = new DateTimeOffset(_certificate.NotAfter);
        var end = now + LeafLifetime;
        using var leaf = request.Create(_certificate.SubjectName, _signer, now - Skew, end < lastDay ? end : lastDay, serial);
        return leaf.CopyWithPrivateKey(_leafKey);
    }

    private static X509Extension AlternativeName(string host)
    {
        var names = new SubjectAlternativeNameBuilder();
        if (System.Net.IPAddress.TryParse(host, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }

        return names.Build();
    }
}
