using System.CommandLine;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

internal static class MailMailboxes
{
    public static Command Create()
    {
        var json = CommandTree.Json();
        var list = CommandTree.Create("list", "List the mailboxes.", "belljar mail mailboxes list", json);
        list.SetAction(parsed =>
        {
            var mailboxes = MailHome.Reader().Mailboxes();
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
        return CommandTree.Create("mailboxes", "The mailboxes of this home.", "belljar mail mailboxes list", list, MailPasswd.Create());
    }
}
