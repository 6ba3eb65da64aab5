using System.CommandLine;
using Belljar.Hosting.Doctor;
using Belljar.Mail.Ports;
using Belljar.Mail.Records;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

internal static class MailPortcheck
{
    public static Command Create()
    {
        var json = CommandTree.Json();
        var command = CommandTree.Create(
            "portcheck", "Try ports 25, 587 and 465 from this machine: who answers, STARTTLS, the certificate; 1 when something is bad.", "belljar mail portcheck", json);
        command.SetAction(async (parsed, ct) =>
        {
            var options = MailHome.Options();
            var addresses = MailRecords.PublicAddresses();
            var others = options.Smtp.Listen.Concat(options.Submission.Listen).Select(one => new MailPort(one.Port, "configured", IsTls: false))
                .Concat(options.Submission.ListenTls.Select(one => new MailPort(one.Port, "configured", IsTls: true)))
                .Where(port => MailPort.All.All(known => known.Port != port.Port));
            IReadOnlyList<MailPort> ports = [.. MailPort.All, .. others.Distinct()];
            var findings = await new PortCheck(options, TimeProvider.System).RunAsync(ports, addresses, ct);
            if (parsed.GetValue(json))
            {
                var rows = findings.Select(finding => new PortRow(finding.Address.ToString(), finding.Purpose, DoctorCommand.Word(finding.State), finding.What, finding.Remedy));
                Terminal.Out.WriteLine(JsonText.Of([.. rows], CommandJson.Default.PortRowArray));
            }
            else
            {
                foreach (var finding in findings)
                {
                    DoctorCommand.Write(finding.State, $"{finding.Address} ({finding.Purpose})", finding.What, finding.Remedy);
                }

                Terminal.Out.WriteLine(addresses.Count == 0
                    ? "This machine has no public address of its own: whatever is in front of it must forward port 25."
                    : "Tried from this machine: whether a firewall in front of it lets others in is not seen from here.");
            }

            return findings.Any(finding => finding.State is CheckState.Bad) ? 1 : 0;
        });
        return command;
    }
}

/// <summary>One row of <c>mail portcheck --json</c>.</summary>
internal sealed record PortRow(string Address, string Purpose, string State, string What, string? Remedy);
