using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Belljar.Hosting;
using Belljar.Mail.Indexing;
using Microsoft.Extensions.Logging;

namespace Belljar.Mail.Tls;

/// <summary>
/// What the server shows in a handshake. The files are looked at once a second while handshakes come: whoever renews
/// them (certbot does) restarts nothing.
/// </summary>
internal sealed partial class TlsIdentity
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TlsFiles _files;
    private readonly TimeProvider _clock;
    private readonly ILogger<TlsIdentity> _logger;
    private SslServerAuthenticationOptions _options;
    private (FileStamp? Certificate, FileStamp? Key) _stamps;
    private long _lookedAt;

    private TlsIdentity(TlsFiles files, TimeProvider clock, ILogger<TlsIdentity> logger)
    {
        _files = files;
        _clock = clock;
        _logger = logger;
        _lookedAt = clock.GetTimestamp();
        _stamps = Stamps();
        _options = Load(files);
    }

    /// <param name="files">Those of the settings; null for a self-signed certificate, which is made where there is none.</param>
    /// <param name="stateFolder">Where the self-signed one lies.</param>
    /// <exception cref="OperatorException">The files cannot be used; the message says why.</exception>
    public static TlsIdentity Open(TlsFiles? files, string stateFolder, string hostName, TimeProvider clock, ILogger<TlsIdentity> logger)
    {
        var used = files ?? SelfSignedFiles.Ensure(stateFolder, hostName, clock);
        try
        {
            return new TlsIdentity(used, clock, logger);
        }
        catch (Exception failed) when (IsUnusable(failed))
        {
            throw new OperatorException($"mail.smtp.tls: {used.Certificate} and {used.Key} cannot be used: {failed.Message}");
        }
    }

    public SslServerAuthenticationOptions Options()
    {
        lock (_lock)
        {
            if (_clock.GetElapsedTime(_lookedAt) >= LookEvery)
            {
                _lookedAt = _clock.GetTimestamp();
                Look();
            }

            return _options;
        }
    }

    private void Look()
    {
        var stamps = Stamps();
        if (stamps == _stamps)
        {
            return;
        }

        try
        {
            // The old certificate is not disposed: handshakes with it may be under way.
            _options = Load(_files);
            _stamps = stamps;
            LogReloaded(_files.Certificate);
        }
        catch (Exception failed) when (IsUnusable(failed))
        {
            // Perhaps only one of the two is written yet. The stamps stay, so that it is tried again.
            LogNotReloaded(failed, _files.Certificate);
        }
    }

    private (FileStamp? Certificate, FileStamp? Key) Stamps() => (FileStamp.Of(_files.Certificate), FileStamp.Of(_files.Key));

    private static SslServerAuthenticationOptions Load(TlsFiles files)
    {
        var certificate = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(files.Certificate);
        return new SslServerAuthenticationOptions
        {
            // Offline: nothing is fetched over the network to complete the chain.
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
        };
    }

    private static bool IsUnusable(Exception failed) => failed is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException;

    [LoggerMessage(Level = LogLevel.Information, Message = "the certificate {Path} changed and is in use")]
    private partial void LogReloaded(string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the certificate {Path} changed and cannot be used; the one before it stays in use")]
    private partial void LogNotReloaded(Exception failed, string path);
}
