using System.CommandLine;
using System.Text.Json;
using Belljar.Contracts;
using Belljar.Hosting;
using Belljar.Hosting.Settings;
using Belljar.Mail;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Terminals;

namespace Belljar.Commands;

/// <summary>Reads mail from the files themselves; no daemon is asked.</summary>
internal static class MailCommand
{
    public static Command Create() => CommandTree.Create(
        "mail", "Read the mailboxes of this home.", "belljar mail list agent", List(), Show(), Mailboxes());

    private static Command List()
    {
        var mailbox = Mailbox();
        var folder = Folder();
        var limit = new Option<int>("--limit", "-n") { Description = "how many of the newest", DefaultValueFactory = _ => 50 };
        var unread = new Option<bool>("--unread") { Description = "only those not read yet" };
        var json = CommandTree.Json();
        var command = CommandTree.Create("list", "List a mailbox, newest first.", "belljar mail list agent --unread", mailbox, folder, limit, unread, json);
        command.SetAction(parsed =>
        {
            var (reader, name) = Open(parsed.GetRequiredValue(mailbox));
            var messages = reader.List(name, parsed.GetValue(folder), Math.Max(1, parsed.GetValue(limit)), parsed.GetValue(unread));
            if (parsed.GetValue(json))
            {
                var rows = messages.Select(Row);
                Terminal.Out.WriteLine(JsonText.Of([.. rows], CommandJson.Default.MessageRowArray));
                return;
            }

            var table = new Table("", "RECEIVED", "FROM", "SUBJECT", "TRUSTED", "ID");
            foreach (var message in messages)
            {
                table.Add(
                    message.IsRead ? " " : "*",
                    $"{message.ReceivedAt.ToLocalTime():yyyy-MM-dd HH:mm}",
                    message.From,
                    message.Problem is null ? message.Subject : $"{message.Subject} [{message.Problem}]",
                    message.Trusted,
                    message.Id);
            }

            table.Write(Terminal.Out);
        });
        return command;
    }

    private static Command Show()
    {
        var mailbox = Mailbox();
        var id = new Argument<string>("id") { Description = "the message's id, as listed" };
        var folder = Folder();
        var raw = new Option<bool>("--raw") { Description = "the original bytes" };
        var command = CommandTree.Create("show", "Print one message.", "belljar mail show agent 2026-01-31-120000-hello", mailbox, id, folder, raw);
        command.SetAction(async (parsed, ct) =>
        {
            var (reader, name) = Open(parsed.GetRequiredValue(mailbox));
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

    private static Command Mailboxes()
    {
        var json = CommandTree.Json();
        var list = CommandTree.Create("list", "List the mailboxes.", "belljar mail mailboxes list", json);
        list.SetAction(parsed =>
        {
            var mailboxes = Reader().Mailboxes();
            if (parsed.GetValue(json))
            {
                var rows = mailboxes.Select(mailbox => new MailboxRow(mailbox.Name, mailbox.Address, mailbox.Messages, mailbox.Unread));
                Terminal.Out.WriteLine(JsonText.Of([.. rows], CommandJson.Default.MailboxRowArray));
                return;
            }

            var table = new Table("MAILBOX", "ADDRESS", "MESSAGES", "UNREAD");
            foreach (var mailbox in mailboxes)
            {
                table.Add(mailbox.Name, mailbox.Address ?? "(not configured)", $"{mailbox.Messages}", $"{mailbox.Unread}");
            }

            table.Write(Terminal.Out);
        });
        return CommandTree.Create("mailboxes", "The mailboxes of this home.", "belljar mail mailboxes list", list);
    }

    private static void Write(StoredMessage message)
    {
        var about = message.Summary;
        Terminal.Out.WriteLine($"{Terminal.Dim("From:    ")} {Terminal.Safe(about.From)}");
        Terminal.Out.WriteLine($"{Terminal.Dim("To:      ")} {Terminal.Safe(about.To)}");
        Terminal.Out.WriteLine($"{Terminal.Dim("Subject: ")} {Terminal.Safe(about.Subject)}");
        Terminal.Out.WriteLine($"{Terminal.Dim("Received:")} {about.ReceivedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss}   trusted: {about.Trusted}");
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

    private static (MailReader Reader, string Mailbox) Open(string mailbox)
    {
        var reader = Reader();
        return reader.Exists(mailbox)
            ? (reader, mailbox)
            : throw new UnknownNameException("mailbox", mailbox, reader.Mailboxes().Select(known => known.Name));
    }

    private static MailReader Reader()
    {
        var paths = CommandTree.Paths();
        var settings = new SettingsLoader(SettingsCatalog.All).LoadOrExplain(paths.ConfigurationFile, ProcessEnvironment.All(), []);
        return new MailReader(paths.MailData, settings.Get(MailSettings.Section));
    }

    private static MessageRow Row(MessageSummary message) => new(
        message.Id, message.From, message.To, message.Subject, message.Date ?? message.ReceivedAt, message.ReceivedAt, message.IsRead, message.Trusted,
        message.Attachments, message.Problem);

    private static Argument<string> Mailbox()
    {
        var mailbox = new Argument<string>("mailbox") { Description = "the mailbox's name" };
        mailbox.CompletionSources.Add(_ => Reader().Mailboxes().Select(known => new System.CommandLine.Completions.CompletionItem(known.Name)));
        return mailbox;
    }

    private static Option<MailFolder> Folder() => new("--folder") { Description = "inbox or sent", DefaultValueFactory = _ => MailFolder.Inbox };
}

/// <summary>One row of <c>mail list --json</c>; scripts rely on id, from, to, subject, date, read, trusted.</summary>
internal sealed record MessageRow(
    string Id, string From, string To, string Subject, DateTimeOffset Date, DateTimeOffset ReceivedAt, bool Read, string Trusted, int Attachments, string? Problem);

/// <summary>One row of <c>mail mailboxes list --json</c>; scripts rely on name, address.</summary>
internal sealed record MailboxRow(string Name, string? Address, int Messages, int Unread);
