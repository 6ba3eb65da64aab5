using System.CommandLine;
using Belljar.Mail.Transfer;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

internal static class MailExport
{
    public static Command Create()
    {
        var mailbox = MailHome.Mailbox();
        var path = new Argument<string>("path") { Description = "the file or folder to make" };
        var folder = MailHome.Folder();
        var format = new Option<ExportFormat>("--format", "-f") { Description = "mbox (one file) or maildir (a folder)", DefaultValueFactory = _ => ExportFormat.Mbox };
        var json = CommandTree.Json();
        var command = CommandTree.Create(
            "export", "Write a mailbox as an mbox or a Maildir.", "belljar mail export agent agent.mbox", mailbox, path, folder, format, json);
        command.SetAction((parsed, ct) =>
        {
            var (reader, name) = MailHome.Open(parsed.GetRequiredValue(mailbox));
            using var progress = new ProgressLine("exported");
            var count = MailExporter.Run(
                reader, name, parsed.GetValue(folder), parsed.GetValue(format), parsed.GetRequiredValue(path), progress.Report, ct);
            progress.End();
            Terminal.Out.WriteLine(parsed.GetValue(json)
                ? JsonText.Of(new TransferResult(count, name, Path.GetFullPath(parsed.GetRequiredValue(path))), CommandJson.Default.TransferResult)
                : $"exported {count} messages of {name}");
            return Task.FromResult(0);
        });
        return command;
    }
}
