using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Belljar.Mail.Ports;

/// <summary>What an SMTP server says of itself.</summary>
/// <param name="Banner">Its greeting's line.</param>
/// <param name="HasTls">STARTTLS is offered, or TLS was there from the start.</param>
/// <param name="Certificate">What it shows; null without TLS.</param>
internal sealed record SmtpProbeResult(string Banner, bool HasTls, CertificateFacts? Certificate);

/// <param name="Names">Whom it is for.</param>
internal sealed record CertificateFacts(IReadOnlyList<string> Names, DateTimeOffset Until, bool IsSelfSigned, bool IsForHost);

/// <summary>A client that says EHLO, looks at the certificate, and leaves.</summary>
internal static class SmtpProbe
{
    private const int LongestLine = 1000;
    private const int MostLines = 100;

    /// <exception cref="IOException">It is no SMTP server, or the connection broke.</exception>
    /// <exception cref="SocketException">Nothing listens, or nothing answers.</exception>
    public static async Task<SmtpProbeResult> RunAsync(IPEndPoint address, bool isTls, string hostName, CancellationToken ct)
    {
        using var client = new TcpClient(address.AddressFamily);
        await client.ConnectAsync(address, ct);
        var stream = client.GetStream();
        if (isTls)
        {
            await using var secured = await SecureAsync(stream, hostName, ct);
            var banner = await ReadReplyAsync(secured, ct);
            return new SmtpProbeResult(banner[0], HasTls: true, Facts(secured, hostName));
        }

        var greeting = await ReadReplyAsync(stream, ct);
        await SayAsync(stream, "EHLO portcheck.localhost", ct);
        var offered = await ReadReplyAsync(stream, ct);
        if (!offered.Any(line => line.Length > 4 && line[4..].Equals("STARTTLS", StringComparison.OrdinalIgnoreCase)))
        {
            await SayAsync(stream, "QUIT", ct);
            return new SmtpProbeResult(greeting[0], HasTls: false, Certificate: null);
        }

        await SayAsync(stream, "STARTTLS", ct);
        if (!(await ReadReplyAsync(stream, ct))[0].StartsWith("220", StringComparison.Ordinal))
        {
            return new SmtpProbeResult(greeting[0], HasTls: true, Certificate: null);
        }

        await using var tls = await SecureAsync(stream, hostName, ct);
        return new SmtpProbeResult(greeting[0], HasTls: true, Facts(tls, hostName));
    }

    private static async Task<SslStream> SecureAsync(Stream stream, string hostName, CancellationToken ct)
    {
#pragma warning disable CA5359 // Any certificate is looked at; nothing secret is ever said over this connection.
        var secured = new SslStream(stream, leaveInnerStreamOpen: true, (_, _, _, _) => true);
#pragma warning restore CA5359
        try
        {
            await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = hostName }, ct);
            return secured;
        }
        catch (AuthenticationException failed)
        {
            await secured.DisposeAsync();
            throw new IOException($"the handshake failed: {failed.Message}", failed);
        }
    }

    private static CertificateFacts? Facts(SslStream secured, string hostName)
    {
        if (secured.RemoteCertificate is not X509Certificate2 certificate)
        {
            return null;
        }

        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension => extension.EnumerateDnsNames()).ToList();
        return new CertificateFacts(names, new DateTimeOffset(certificate.NotAfter), certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData), certificate.MatchesHostname(hostName));
    }

    private static async Task SayAsync(Stream stream, string line, CancellationToken ct) => await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), ct);

    /// <summary>All lines of one reply.</summary>
    private static async Task<List<string>> ReadReplyAsync(Stream stream, CancellationToken ct)
    {
        var lines = new List<string>();
        while (lines.Count < MostLines)
        {
            var line = await ReadLineAsync(stream, ct);
            if (line.Length < 3 || line.AsSpan(0, 3).ContainsAnyExceptInRange('0', '9') || (line.Length > 3 && line[3] is not (' ' or '-')))
            {
                throw new IOException("what answers there does not speak SMTP");
            }

            lines.Add(line);
            if (line.Length == 3 || line[3] == ' ')
            {
                return lines;
            }
        }

        throw new IOException("its reply does not end");
    }

    /// <summary>One byte after the other: what comes behind a reply to STARTTLS is the handshake's.</summary>
    private static async Task<string> ReadLineAsync(Stream stream, CancellationToken ct)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (line.Length < LongestLine)
        {
            if (await stream.ReadAsync(one, ct) == 0)
            {
                throw new IOException("it closed the connection");
            }

            if (one[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append(one[0] is >= (byte)' ' and < 0x7F or (byte)'\r' ? (char)one[0] : '?');
        }

        throw new IOException("its line does not end");
    }
}
