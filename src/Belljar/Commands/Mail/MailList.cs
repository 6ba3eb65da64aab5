using System.CommandLine;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

internal static class MailList
{
    public static Command Create()
    {
        var mailbox = MailHome.Mailbox();
        var folder = MailHome.Folder();
        var limit = new Option<int>("--limit", "-n") { Description = "how many of the newest", DefaultValueFactory = _ => 50 };
        var unread = new Option<bool>("--unread") { Description = "only those not read yet" };
        var json = CommandTree.Json();
        var command = CommandTree.Create("list", "List a mailbox, newest first.", "belljar mail list agent --unread", mailbox, folder, limit, unread, json);
        command.SetAction(parsed =>
        {
            var (reader, name) = MailHome.Open(parsed.GetRequiredValue(mailbox));
            var messages = reader.List(name, parsed.GetValue(folder), Math.Max(1, parsed.GetValue(limit)), parsed.GetValue(unread));
            if (parsed.GetValue(json))
            {
                var rows = messages.Select(MailHome.Row);
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
}
