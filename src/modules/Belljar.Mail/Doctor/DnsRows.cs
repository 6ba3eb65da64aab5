using Belljar.Hosting.Doctor;
using Belljar.Mail.Records;
using Belljar.Net.Dns;

namespace Belljar.Mail.Doctor;

/// <summary>One row a record; see <see cref="RecordCheck"/>.</summary>
internal static class DnsRows
{
    public static async Task<IReadOnlyList<DoctorRow>> FindAsync(MailOptions options, string mailData, IDnsResolver dns, TimeProvider clock, CancellationToken ct)
    {
        var addresses = MailRecords.PublicAddresses();
        var check = new RecordCheck(dns, options.HostName, addresses, clock);
        var rows = options.Domains.Where(MailRecords.IsLocal).Select(domain => new DoctorRow(CheckState.Ok, $"{domain}: a name for this machine alone, nothing to publish")).ToList();
        foreach (var record in MailRecords.Of(options, addresses, mailData))
        {
            var finding = await check.RunAsync(record, ct);
            rows.Add(new DoctorRow(finding.State, $"{record.Name} {record.TypeName} ({record.Purpose}): {finding.Found}", finding.Remedy));
        }

        return rows;
    }
}
