using System.Net.Security;
using System.Security.Authentication;
using Belljar.Decoys.Dialogues;
using Belljar.Decoys.Tls;
using Belljar.Manifest;

namespace Belljar.Decoys.Http;

/// <summary>The decoy service <c>https</c>: what http says, behind TLS, with the host's own certificate.</summary>
internal static class HttpsService
{
    public static readonly DecoyService Definition = new(
        "https", "The same web server behind TLS, with a certificate that the host made for itself.", DecoyTransport.Tcp, [443, 8443], Read);

    private static CreateDecoyServer Read(SettingsReader section)
    {
        var create = HttpService.Definition.Read(section);
        return (identity, clock) => new SecureServer(create(identity, clock), new DecoyCertificate(identity), clock);
    }

    private sealed class SecureServer(IDecoyServer inner, DecoyCertificate certificate, TimeProvider clock) : IDecoyServer
    {
        private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(20);

        public string Product => inner.Product;

        public string Version => inner.Version;

        public async Task ServeAsync(Stream stream, Visit visit, CancellationToken ct)
        {
            await visit.ConnectionRecorded;
            await using var secure = new SslStream(stream, leaveInnerStreamOpen: true);
            try
            {
                using var deadline = new Deadline(HandshakeTime, clock, ct);
                await secure.AuthenticateAsServerAsync(certificate.Options, deadline.Token);
            }
            catch (AuthenticationException)
            {
                // Something else than TLS, or none of its versions that we have.
                return;
            }

            await inner.ServeAsync(secure, visit, ct);
            await secure.ShutdownAsync();
        }
    }
}
