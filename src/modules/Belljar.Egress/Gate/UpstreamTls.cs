using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Belljar.Egress.Gate;

/// <summary>TLS towards the hosts: they must prove who they are, to the system's authorities or to those of the bottle.</summary>
internal sealed class UpstreamTls(X509Certificate2Collection authorities)
{
    private static readonly List<SslApplicationProtocol> OnlyHttp1 = [SslApplicationProtocol.Http11];
    private static readonly List<SslApplicationProtocol> Both = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    /// <exception cref="System.Security.Cryptography.CryptographicException">A text holds no certificate.</exception>
    public static UpstreamTls Trusting(IEnumerable<string> pems)
    {
        var authorities = new X509Certificate2Collection();
        foreach (var pem in pems)
        {
            authorities.ImportFromPem(pem);
        }

        return new UpstreamTls(authorities);
    }

    /// <returns>What went wrong, in words for the agent; null when the connection is secure.</returns>
    public async Task<string?> SecureAsync(Wire wire, string host, bool offersHttp2, CancellationToken ct)
    {
        var why = "the TLS handshake with the host failed";
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            ApplicationProtocols = offersHttp2 ? Both : OnlyHttp1,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,

            // Nothing is fetched on the way: a certificate must not make the gate visit places.
            CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                var isTrusted = errors is SslPolicyErrors.None || (errors is SslPolicyErrors.RemoteCertificateChainErrors && IsOfTheBottle(certificate!, chain!));
                why = isTrusted ? why : Describe(errors);
                return isTrusted;
            },
        };
        try
        {
            await wire.SecureAsync(options, ct);
            return null;
        }
        catch (AuthenticationException)
        {
            return why;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return "the host closed the connection during the TLS handshake";
        }
    }

    private bool IsOfTheBottle(X509Certificate certificate, X509Chain presented)
    {
        if (authorities.Count == 0)
        {
            return false;
        }

        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            },
        };
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore);
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1")); // serverAuth
        using var leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(leaf);
    }

    private static string Describe(SslPolicyErrors errors) => errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
        ? "the host's certificate names another host"
        : "the host's certificate is not trusted here (the operator can add its authority: egress.upstream_ca)";
}
