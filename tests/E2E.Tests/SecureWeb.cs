using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace E2E.Tests;

/// <summary>A web server over TLS on loopback, for <c>shop.localhost</c>, that answers with the head that it was sent.</summary>
internal sealed class SecureWeb : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2 _certificate = SelfSigned();
    private readonly Task _serving;

    public SecureWeb()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public string CertificatePem => _certificate.ExportCertificatePem();

    /// <summary>All heads, one after the other.</summary>
    public StringBuilder Seen { get; } = new();

    /// <summary>The same identity for a connection of somebody else's.</summary>
    public async Task<Stream> SecureAsync(Stream connection, CancellationToken ct)
    {
        var tls = new SslStream(connection);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, ct);
        return tls;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
        _certificate.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var visitor = await _listener.AcceptAsync(_stop.Token);
                await AnswerAsync(visitor);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or IOException or AuthenticationException)
            {
                // The next one, or the end.
            }
        }
    }

    private async Task AnswerAsync(Socket visitor)
    {
        await using var tls = new SslStream(new NetworkStream(visitor));
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
        var head = "";
        var buffer = new byte[4096];
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await tls.ReadAsync(buffer, _stop.Token);
            if (count == 0)
            {
                return;
            }

            head += Encoding.Latin1.GetString(buffer, 0, count);
        }

        lock (Seen)
        {
            Seen.Append(head);
        }

        var answer = $"HTTP/1.1 200 OK\r\nContent-Length: {head.Length}\r\nConnection: close\r\n\r\n{head}";
        await tls.WriteAsync(Encoding.Latin1.GetBytes(answer), _stop.Token);
        await tls.ShutdownAsync();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=shop.localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("shop.localhost");
        request.CertificateExtensions.Add(names.Build());
        var day = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(day.AddDays(-1), day.AddDays(2));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
