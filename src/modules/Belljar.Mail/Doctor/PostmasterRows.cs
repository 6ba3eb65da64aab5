using Belljar.Hosting.Doctor;
using Belljar.Mail.Routing;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Doctor;

/// <summary>RFC 5321 §4.5.1 asks for it, and reports of DMARC and TLS-RPT go there.</summary>
internal static class PostmasterRows
{
    public static IReadOnlyList<DoctorRow> Find(MailOptions options)
    {
        var routes = new MailRoutes(options);
        return [.. options.Domains.Select(domain => Look(routes, domain))];
    }

    private static DoctorRow Look(MailRoutes routes, string domain) =>
        routes.Find(new SmtpAddress("postmaster", domain)).Kind is RouteKind.Delivered
            ? new DoctorRow(CheckState.Ok, $"postmaster@{domain} is received")
            : new DoctorRow(CheckState.Warn, $"nobody receives postmaster@{domain}", $"Add it to a mailbox: aliases: [postmaster@{domain}]");
}
