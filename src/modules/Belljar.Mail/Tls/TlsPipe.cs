using System.IO.Pipelines;
using System.Net.Security;

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
