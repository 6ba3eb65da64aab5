using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Belljar.Hosting.Doctor;
using Belljar.Mail.Tls;

namespace Belljar.Mail.Doctor;

internal static class CertificateRows
{
    /// <summary>Those that renew do so a month before the end: less is a renewal that failed.</summary>
    private static readonly TimeSpan NearExpiry = TimeSpan.FromDays(21);

    public static IReadOnlyList<DoctorRow> Find(MailOptions options, DateTimeOffset now) => options.Smtp.Tls is { } files
        ? [Look(files, options.HostName, now)]
        : [new DoctorRow(CheckState.Ok, "self-signed, made and renewed by itself; senders take it from an MX unless MTA-STS or DANE tell them to verify")];

    private static DoctorRow Look(TlsFiles files, string hostName, DateTimeOffset now)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
            var left = certificate.NotAfter.ToUniversalTime() - now.UtcDateTime;
            return left <= TimeSpan.Zero ? new DoctorRow(CheckState.Bad, $"{files.Certificate} expired on {certificate.NotAfter:yyyy-MM-dd}", "Renew it; the mail worker takes the new one without a restart.")
                : left <= NearExpiry ? new DoctorRow(CheckState.Warn, $"{files.Certificate} ends on {certificate.NotAfter:yyyy-MM-dd}, in {left.Days} days", "Look why it was not renewed (certbot renew).")
                : !certificate.MatchesHostname(hostName) ? new DoctorRow(CheckState.Warn, $"{files.Certificate} is not for {hostName}", "Have it issued for the name that stands in the MX record, or change mail.hostname.")
                : new DoctorRow(CheckState.Ok, $"{files.Certificate} is for {hostName}, until {certificate.NotAfter:yyyy-MM-dd}");
        }
        catch (Exception failed) when (failed is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new DoctorRow(CheckState.Bad, $"{files.Certificate} and {files.Key} cannot be used: {failed.Message}", "Give mail.smtp.tls a certificate and its key in PEM, readable for the mail worker's user.");
        }
    }
}
