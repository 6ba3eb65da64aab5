using System.CommandLine;
using Belljar.Protocols.Aimx;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

/// <summary>Mailboxes that are made while the daemon runs, beside those of belljar.yaml.</summary>
internal static class MailboxMaking
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "its name; its address is this name in the first domain" };
        var owner = new Option<string?>("--owner") { HelpName = "user", Description = "whose it is, by name or number (the operator's choice; else it is yours)" };
        var command = CommandTree.Create("create", "Make a mailbox; it receives at once.", "belljar mail mailboxes create research", name, owner);
        command.SetAction(async (parsed, ct) =>
        {
            List<(AimxField, string)> fields = [(AimxField.Name, parsed.GetRequiredValue(name))];
            if (parsed.GetValue(owner) is { } user)
            {
                fields.Add((AimxField.Owner, user));
            }

            await DaemonRequest.AskAsync(AimxVerb.MailboxCreate, fields, default, ct);
            Terminal.Out.WriteLine($"made {Terminal.Safe(parsed.GetRequiredValue(name))}");
            return 0;
        });
        return command;
    }

    public static Command Delete()
    {
        var name = new Argument<string>("name") { Description = "a mailbox of yours that was made by command" };
        var force = new Option<bool>("--force") { Description = "with all its messages" };
        var command = CommandTree.Create("delete", "Remove a mailbox that was made by command.", "belljar mail mailboxes delete research", name, force);
        command.SetAction(async (parsed, ct) =>
        {
            await DaemonRequest.AskAsync(
                AimxVerb.MailboxDelete, [(AimxField.Name, parsed.GetRequiredValue(name)), (AimxField.Force, parsed.GetValue(force) ? "true" : "false")], default, ct);
            Terminal.Out.WriteLine($"removed {Terminal.Safe(parsed.GetRequiredValue(name))}");
            return 0;
        });
        return command;
    }
}
