using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Belljar.Decoys.Dialogues;

namespace Belljar.Decoys.Tls;

/// <summary>
/// The certificate that a host makes for itself when its first service wants one: RSA-2048, its own name, ten years. Drawn from the
/// identity, key and all, so that it is the same after a restart and needs no file; made when the first visitor wants TLS, which
/// takes a second. All of a host's services show the same one.
/// </summary>
internal sealed class DecoyCertificate(DecoyIdentity identity) : ITlsIdentity
{
    private readonly Lazy<SslServerAuthenticationOptions> _options = new(() => new SslServerAuthenticationOptions
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(Make(identity), additionalCertificates: null, offline: true),
    });

    public SslServerAuthenticationOptions Options => _options.Value;

    private static X509Certificate2 Make(DecoyIdentity identity)
    {
        var made = new DateTimeOffset(2025, 11, 3, 8, 0, 0, TimeSpan.Zero).AddSeconds(-identity.Between("certificate.made", 1000, 40_000_000));
        using var key = RSA.Create(SeededRsa.Key(identity));
        var name = identity.Hostname;
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var serial = Serial(identity);

        // The signature of PKCS #1 v1.5 has no randomness: the same key signs the same certificate.
        using var bare = request.Create(request.SubjectName, X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pkcs1), made, made.AddDays(3650), serial);
        return bare.CopyWithPrivateKey(key);
    }

    private static byte[] Serial(DecoyIdentity identity)
    {
        var serial = new byte[20];
        for (var i = 0; i < serial.Length; i++)
        {
            serial[i] = (byte)identity.Between(string.Create(CultureInfo.InvariantCulture, $"certificate.serial.{i}"), i == 0 ? 16 : 0, i == 0 ? 127 : 255);
        }

        return serial;
    }
}
