using System.CommandLine;
using Belljar.Hosting;
using Belljar.Mail.Reading;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

internal static class MailShow
{
    public static Command Create()
    {
        var mailbox = MailHome.Mailbox();
        var id = new Argument<string>("id") { Description = "the message's id, as listed" };
        var folder = MailHome.Folder();
        var raw = new Option<bool>("--raw") { Description = "the original bytes" };
        var command = CommandTree.Create("show", "Print one message.", "belljar mail show agent 2026-01-31-120000-hello", mailbox, id, folder, raw);
        command.SetAction(async (parsed, ct) =>
        {
            var (reader, name) = MailHome.Open(parsed.GetRequiredValue(mailbox));
            var message = reader.Show(name, parsed.GetRequiredValue(id), parsed.GetValue(folder))
                ?? throw new OperatorException($"the mailbox {name} has no message '{Terminal.Safe(parsed.GetRequiredValue(id))}'. See: belljar mail list {name}");
            if (parsed.GetValue(raw))
            {
                var path = message.RawPath ?? throw new OperatorException("the original of this message is not there any more.");
                await using var original = File.OpenRead(path);
                await using var output = Terminal.OpenOutput();
                await original.CopyToAsync(output, ct);
                return 0;
            }

            Write(message);
            return 0;
        });
        return command;
    }

    private static void Write(StoredMessage message)
    {
        var about = message.Summary;
        Terminal.Out.WriteLine($"{Terminal.Dim("From:    ")} {Terminal.Safe(about.From)}");
        Terminal.Out.WriteLine($"{Terminal.Dim("To:      ")} {Terminal.Safe(about.To)}");
        Terminal.Out.WriteLine($"{Terminal.Dim("Subject: ")} {Terminal.Safe(about.Subject)}");
        Terminal.Out.WriteLine($"{Terminal.Dim("Received:")} {about.ReceivedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss}   trusted: {about.Trusted}");
        if (message.Proof is { } proof)
        {
            Terminal.Out.WriteLine($"{Terminal.Dim("Proof:   ")} {Terminal.Safe($"dkim: {proof.Dkim}   spf: {proof.Spf}   dmarc: {proof.Dmarc}")}");
        }

        foreach (var attachment in message.AttachmentPaths)
        {
            Terminal.Out.WriteLine($"{Terminal.Dim("File:    ")} {Terminal.Safe(attachment)}");
        }

        if (about.Problem is { } problem)
        {
            Terminal.Out.WriteLine(Terminal.Yellow(Terminal.Safe(problem)));
        }

        Terminal.Out.WriteLine();
        foreach (var line in message.Body.Split('\n'))
        {
            Terminal.Out.WriteLine(Terminal.Safe(line.TrimEnd('\r')));
        }
    }
}
