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
        var command = CommandTree.Create(
            "import", "Take messages from an mbox or a Maildir into a mailbox.", "belljar mail import agent ~/old.mbox", mailbox, path);
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
            Terminal.Out.WriteLine($"imported {count} messages into {name}");
            foreach (var folder in MailImporter.LeftOut(source))
            {
                Terminal.Error.WriteLine($"not imported: the folder {Terminal.Safe(folder)}. To have it: belljar mail import {name} {Terminal.Safe(Path.Combine(source, folder))}");
            }

            return 0;
        });
        return command;
    }
}
