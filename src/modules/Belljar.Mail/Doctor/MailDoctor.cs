using Belljar.Hosting.Doctor;
using Belljar.Mail.Storage;
using Belljar.Net.Dns;

namespace Belljar.Mail.Doctor;

/// <summary>What <c>belljar doctor</c> looks at of the mail server.</summary>
public static class MailDoctor
{
    public static readonly IReadOnlyList<DoctorCheck> Checks =
    [
        new("mail-dns", "what the domains publish: addresses, MX, SPF, DKIM, DMARC, MTA-STS, TLS-RPT", (context, ct) =>
            DnsRows.FindAsync(Options(context), context.Paths.MailData, new UdpDnsResolver(DnsResolverOptions.FromResolvConf(), context.Clock), context.Clock, ct)),
        new("mail-certificate", "the certificate for STARTTLS", (context, _) => Now(CertificateRows.Find(Options(context), context.Clock.GetUtcNow()))),
        new("mail-postmaster", "every domain receives mail for its postmaster", (context, _) => Now(PostmasterRows.Find(Options(context)))),
        new("mail-owner", "the mailboxes' files belong to a user that exists, and all to one", (context, _) => Now(OwnerRows.Find(Layout(context), user => UserNames.NameOf(user)))),
        new("mail-modes", "nobody else may read or change the mailboxes", (context, ct) => Now(ModeRows.Find(Layout(context), ct))),
        new("mail-orphans", "what lies in the mail folder and belongs to nothing", (context, ct) => Now(OrphanRows.Find(Layout(context), Options(context), context.Clock.GetUtcNow(), ct))),
    ];

    private static MailOptions Options(DoctorContext context) => context.Settings.Get(MailSettings.Section).WithMade(context.Paths.MailData);

    private static MailLayout Layout(DoctorContext context) => new(context.Paths.MailData);

    private static Task<IReadOnlyList<DoctorRow>> Now(IReadOnlyList<DoctorRow> rows) => Task.FromResult(rows);
}
