using System.Text;
using Belljar.Sandboxes;

namespace Belljar.Bottles.Sessions;

/// <summary>
/// Makes everything inside trust the session's authority: its certificate joins the bundles of authorities that the root
/// file system has. One of them always exists afterwards, where the environment says.
/// </summary>
internal sealed class TrustStore(ISandbox sandbox)
{
    private const int LargestBundle = 16 << 20;

    /// <summary>Debian's, Alpine's, Fedora's, SUSE's.</summary>
    private static readonly string[] Others = ["/etc/ssl/cert.pem", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"];

    private static readonly SandboxFileAttributes Attributes = new((UnixFileMode)0b110_100_100, SandboxUser.Root);

    /// <param name="certificate">PEM.</param>
    /// <exception cref="SandboxException">A bundle could not be written.</exception>
    public async Task AddAsync(string certificate, CancellationToken ct)
    {
        var found = await ReadAsync(SessionEnvironment.CertificateBundle, ct);
        foreach (var path in Others)
        {
            // A link to the first one is that one, and has it already.
            if (await ReadAsync(path, ct) is { } bundle && !bundle.Span.SequenceEqual(found.GetValueOrDefault().Span))
            {
                found ??= bundle;
                await WriteAsync(path, bundle, certificate, ct);
            }
        }

        await WriteAsync(SessionEnvironment.CertificateBundle, found.GetValueOrDefault(), certificate, ct);
    }

    private async Task<ReadOnlyMemory<byte>?> ReadAsync(string path, CancellationToken ct)
    {
        var read = await sandbox.ReadFileAsync(path, LargestBundle, ct);
        return read.Status is SandboxReadStatus.Found ? read.Content : null;
    }

    private Task WriteAsync(string path, ReadOnlyMemory<byte> bundle, string certificate, CancellationToken ct)
    {
        byte[] joined = [.. bundle.Span, .. bundle.Length > 0 && bundle.Span[^1] != '\n' ? "\n"u8 : [], .. Encoding.ASCII.GetBytes(certificate)];
        return sandbox.WriteFileAsync(path, joined, Attributes, ct);
    }
}
