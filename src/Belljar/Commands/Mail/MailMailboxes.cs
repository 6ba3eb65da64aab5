using System.CommandLine;
using Belljar.Hosting;
using Belljar.Mail.Indexing;
using Belljar.Mail.Reading;
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
            using var index = OpenIndex();
            var mailboxes = new MailReader(CommandTree.Paths().MailData, MailHome.Options(), index).Mailboxes();
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
        return CommandTree.Create("mailboxes", "The mailboxes of this home.", "belljar mail mailboxes list", list, MailboxMaking.Create(), MailboxMaking.Delete(), MailPasswd.Create());
    }

    /// <summary>Counting goes through the index, which spares reading every file. Who may not write that gets the same answer, later.</summary>
    private static MailIndex? OpenIndex()
    {
        // Before the first mail there is no folder, and the worker makes it as its own.
        if (!Directory.Exists(CommandTree.Paths().MailData))
        {
            return null;
        }

        try
        {
            return MailHome.Index();
        }
        catch (OperatorException refused)
        {
            Terminal.Error.WriteLine($"reading every message: {Terminal.Safe(refused.Message)}");
            return null;
        }
    }
}
