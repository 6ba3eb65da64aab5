using System.CommandLine;
using System.Net;
using Belljar.Hosting;
using Belljar.Hosting.Doctor;
using Belljar.Mail.Records;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

internal static class MailDns
{
    public static Command Create()
    {
        var check = new Option<bool>("--check", "-c") { Description = "ask the resolver, and say what to change; 1 when something is bad" };
        var addresses = new Option<string[]>("--address") { Description = "a public address of this machine, where it has none of its own (NAT)" };
        var resolver = new Option<string?>("--resolver") { Description = "ask this one (ADDRESS or ADDRESS:PORT) instead of the system's" };
        var json = CommandTree.Json();
        var command = CommandTree.Create(
            "dns", "Print the DNS records that the mail domains should have, or check them.", "belljar mail dns --check", check, addresses, resolver, json);
        command.SetAction(async (parsed, ct) =>
        {
            var options = MailHome.Options();
            var own = parsed.GetValue(addresses) is { Length: > 0 } given ? [.. given.Select(Address)] : MailRecords.PublicAddresses();
            var records = MailRecords.Of(options, own, CommandTree.Paths().MailData);
            foreach (var local in options.Domains.Where(MailRecords.IsLocal))
            {
                Terminal.Error.WriteLine($"{local}: a name for this machine alone; there is nothing to publish.");
            }

            if (!parsed.GetValue(check))
            {
                Print(records, parsed.GetValue(json));
                return 0;
            }

            var checking = RecordCheck.Over(Resolver(parsed.GetValue(resolver)), options.HostName, own, TimeProvider.System);
            var findings = new List<RecordFinding>();
            foreach (var record in records)
            {
                findings.Add(await checking.RunAsync(record, ct));
            }

            if (parsed.GetValue(json))
            {
                Terminal.Out.WriteLine(JsonText.Of([.. findings.Select(finding => Row(finding.Record, finding))], CommandJson.Default.RecordRowArray));
            }
            else
            {
                findings.ForEach(finding => DoctorCommand.Write(finding.State, $"{finding.Record.Name} {finding.Record.TypeName}", finding.Found, finding.Remedy));
            }

            return findings.Exists(finding => finding.State is CheckState.Bad) ? 1 : 0;
        });
        return command;
    }

    private static void Print(IReadOnlyList<PublishedRecord> records, bool json)
    {
        if (json)
        {
            Terminal.Out.WriteLine(JsonText.Of([.. records.Select(record => Row(record, finding: null))], CommandJson.Default.RecordRowArray));
            return;
        }

        foreach (var domain in records.GroupBy(record => record.Domain))
        {
            Terminal.Out.WriteLine(Terminal.Dim($"; {domain.Key}"));
            foreach (var record in domain)
            {
                Terminal.Out.WriteLine(record.ZoneLine);
            }
        }
    }

    private static RecordRow Row(PublishedRecord record, RecordFinding? finding) =>
        new(record.Domain, record.Purpose.ToString().ToLowerInvariant(), record.Name, record.TypeName, record.Value, finding is null ? null : DoctorCommand.Word(finding.State), finding?.Found, finding?.Remedy);

    private static IPAddress Address(string text) =>
        IPAddress.TryParse(text, out var address) ? address : throw new OperatorException($"'{Terminal.Safe(text)}' is not an address.");

    private static IPEndPoint? Resolver(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var address = IPEndPoint.TryParse(text, out var parsed) ? parsed : throw new OperatorException($"'{Terminal.Safe(text)}' is not an address of a resolver.");
        return address.Port == 0 ? new IPEndPoint(address.Address, 53) : address;
    }
}

/// <summary>One row of <c>mail dns --json</c>; state, found and remedy only with --check.</summary>
internal sealed record RecordRow(
    string Domain, string Purpose, string Name, string Type, string Value, string? State, string? Found, string? Remedy);
