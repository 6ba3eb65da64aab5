using System.CommandLine;
using Belljar.Hosting;
using Belljar.Mail.Transfer;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

internal static class MailImport
{
    public static Command Create()
    {
        var mailbox = MailHome.Mailbox();
        var path = new Argument<string>("path") { Description = "an mbox file, or a Maildir folder" };
        var json = CommandTree.Json();
        var command = CommandTree.Create(
            "import", "Take messages from an mbox or a Maildir into a mailbox.", "belljar mail import agent ~/old.mbox", mailbox, path, json);
        command.SetAction(async (parsed, ct) =>
        {
            var source = Path.GetFullPath(parsed.GetRequiredValue(path));
            if (!Path.Exists(source))
            {
                throw new OperatorException($"{Terminal.Safe(source)} does not exist.");
            }

            var options = MailHome.Options();
            var name = MailHome.Known(MailHome.Reader(), parsed.GetRequiredValue(mailbox));
            using var progress = new ProgressLine("imported");
            var count = await MailImporter.RunAsync(CommandTree.Paths().MailData, options, name, source, TimeProvider.System, progress.Report, ct);
            progress.End();
            var leftOut = MailImporter.LeftOut(source);
            if (parsed.GetValue(json))
            {
                Terminal.Out.WriteLine(JsonText.Of(new TransferResult(count, name, source, [.. leftOut]), CommandJson.Default.TransferResult));
                return 0;
            }

            Terminal.Out.WriteLine($"imported {count} messages into {name}");
            foreach (var folder in leftOut)
            {
                Terminal.Error.WriteLine($"not imported: the folder {Terminal.Safe(folder)}. To have it: belljar mail import {name} {Terminal.Safe(Path.Combine(source, folder))}");
            }

            return 0;
        });
        return command;
    }
}
