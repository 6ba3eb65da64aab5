using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Belljar.Mail.Tls;

/// <summary>The pipe inside the encrypted one.</summary>
internal sealed class TlsPipe : IDuplexPipe, IAsyncDisposable
{
    private readonly SslStream _stream;

    private TlsPipe(SslStream stream)
    {
        _stream = stream;
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));
        Output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>For <c>tls-server-end-point</c> (RFC 5929, 4.1); null where the certificate's signature has no one hash.</summary>
    public byte[]? CertificateHash => _stream.LocalCertificate is X509Certificate2 certificate ? HashOf(certificate) : null;

    /// <summary>Shakes hands as the server. Whatever is in the outer pipe already is taken for the client's first record.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The two did not agree.</exception>
    /// <exception cref="IOException">The peer went, or sent something else.</exception>
    public static async Task<TlsPipe> AcceptAsync(IDuplexPipe outer, TlsIdentity identity)
    {
        var stream = new SslStream(new DuplexPipeStream(outer), leaveInnerStreamOpen: true);
        try
        {
            // No token: a deadline cancels the pending read of the outer pipe, which ends the handshake.
            await stream.AuthenticateAsServerAsync(identity.Options(), CancellationToken.None);
            return new TlsPipe(stream);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The hash that the certificate is signed with; where that is MD5 or SHA-1, SHA-256.</summary>
    private static byte[]? HashOf(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.113549.1.1.11" or "1.2.840.10045.4.1" or "1.2.840.10045.4.3.2" => SHA256.HashData(certificate.RawData),
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(certificate.RawData),
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(certificate.RawData),
        _ => null,
    };

    /// <summary>Says goodbye (close_notify), so that the peer can tell an end from a cut.</summary>
    public async Task ShutdownAsync()
    {
        try
        {
            await _stream.ShutdownAsync();
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException or OperationCanceledException)
        {
            // It went first.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Input.CompleteAsync();
        await _stream.DisposeAsync();
    }
}
