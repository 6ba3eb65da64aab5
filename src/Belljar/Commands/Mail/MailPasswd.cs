using System.CommandLine;
using Belljar.Hosting;
using Belljar.Mail.Submission;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

/// <summary>Sets a mailbox's password. It is never an argument: arguments are seen by every user and kept by shells.</summary>
internal static class MailPasswd
{
    public static Command Create()
    {
        var mailbox = MailHome.Mailbox();
        var remove = new Option<bool>("--remove") { Description = "nobody logs in to this mailbox any more" };
        var command = CommandTree.Create(
            "passwd", "Set a mailbox's password for submission, typed or from standard input.", "belljar mail mailboxes passwd agent", mailbox, remove);
        command.SetAction(parsed =>
        {
            var options = MailHome.Options();
            var known = MailHome.Known(MailHome.Reader(), parsed.GetRequiredValue(mailbox));
            var data = CommandTree.Paths().MailData;
            if (parsed.GetValue(remove))
            {
                Terminal.Out.WriteLine(MailboxPasswords.Remove(data, known) ? $"the password of {known} is removed" : $"{known} had no password");
                return;
            }

            var password = Terminal.ReadSecret($"password for {known}") ?? "";
            if (password.Length is < MailboxPasswords.Shortest or > MailboxPasswords.Longest || password.Any(char.IsControl))
            {
                throw new OperatorException($"A password has {MailboxPasswords.Shortest} to {MailboxPasswords.Longest} characters and no control characters.");
            }

            if (Terminal.IsTyped && Terminal.ReadSecret("again") != password)
            {
                throw new OperatorException("The two were not the same; nothing was changed.");
            }

            MailboxPasswords.Set(data, known, password);
            Terminal.Out.WriteLine($"the password of {known} is set; the name to log in with is {known} or {options.FindMailbox(known)?.Address ?? "its address"}");
        });
        return command;
    }
}
