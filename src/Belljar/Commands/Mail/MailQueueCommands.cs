using System.CommandLine;
using Belljar.Hosting;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Store;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

/// <summary>What waits to leave. Works while the daemon runs: it looks at the queue again within seconds.</summary>
internal static class MailQueueCommands
{
    public static Command Create() => CommandTree.Create(
        "queue", "Mail that waits to leave, and addresses that nothing is sent to any more.", "belljar mail queue list", List(), Retry(), Drop(), Suppressed(), Release());

    private static Command List()
    {
        var json = CommandTree.Json();
        var command = CommandTree.Create("list", "What waits, the next to be tried first.", "belljar mail queue list", json);
        command.SetAction(parsed =>
        {
            using var queue = Open();
            var entries = queue.List();
            if (parsed.GetValue(json))
            {
                Terminal.Out.WriteLine(JsonText.Of([.. entries], CommandJson.Default.QueueEntryArray));
                return;
            }

            var table = new Table("ID", "FROM", "TO", "TRIED", "NEXT", "ANSWER");
            foreach (var entry in entries)
            {
                table.Add(entry.Id, entry.Sender, entry.Recipient, $"{entry.Attempts}", $"{entry.NextAt.ToLocalTime():yyyy-MM-dd HH:mm:ss}", Terminal.Safe(entry.Reply));
            }

            table.Write(Terminal.Out);
        });
        return command;
    }

    private static Command Retry()
    {
        var id = new Argument<string?>("id") { Description = "the message, as listed; everything when left out", Arity = ArgumentArity.ZeroOrOne };
        var command = CommandTree.Create("retry", "Try again now.", "belljar mail queue retry", id);
        command.SetAction(async (parsed, _) =>
        {
            using var queue = Open();
            Say(await queue.RetryAsync(parsed.GetValue(id)), "tried again now", parsed.GetValue(id));
        });
        return command;
    }

    private static Command Drop()
    {
        var id = new Argument<string>("id") { Description = "the message, as listed" };
        var recipient = new Option<string?>("--recipient") { HelpName = "address", Description = "that recipient alone" };
        var command = CommandTree.Create("drop", "Take a message out of the queue; nobody is told.", "belljar mail queue drop 0123456789abcdef0123456789abcdef", id, recipient);
        command.SetAction(async (parsed, _) =>
        {
            using var queue = Open();
            Say(await queue.DropAsync(parsed.GetRequiredValue(id), parsed.GetValue(recipient)), "dropped", parsed.GetValue(id));
        });
        return command;
    }

    private static Command Suppressed()
    {
        var json = CommandTree.Json();
        var command = CommandTree.Create("suppressed", "Addresses that refused mail for good.", "belljar mail queue suppressed", json);
        command.SetAction(parsed =>
        {
            using var queue = Open();
            var addresses = queue.Suppressed();
            if (parsed.GetValue(json))
            {
                Terminal.Out.WriteLine(JsonText.Of([.. addresses], CommandJson.Default.SuppressedAddressArray));
                return;
            }

            var table = new Table("ADDRESS", "SINCE", "ANSWER");
            foreach (var address in addresses)
            {
                table.Add(address.Address, $"{address.Since.ToLocalTime():yyyy-MM-dd HH:mm:ss}", Terminal.Safe(address.Reply));
            }

            table.Write(Terminal.Out);
        });
        return command;
    }

    private static Command Release()
    {
        var address = new Argument<string>("address") { Description = "an address, as 'suppressed' lists it" };
        var command = CommandTree.Create("release", "Let mail go to an address again that refused it for good.", "belljar mail queue release ann@example.org", address);
        command.SetAction(async (parsed, _) =>
        {
            using var queue = Open();
            if (!await queue.ReleaseAsync(parsed.GetRequiredValue(address)))
            {
                throw new OperatorException($"'{Terminal.Safe(parsed.GetRequiredValue(address))}' is not suppressed; see: belljar mail queue suppressed");
            }

            Terminal.Out.WriteLine("released");
        });
        return command;
    }

    private static void Say(int recipients, string what, string? id)
    {
        if (recipients == 0 && id is not null)
        {
            throw new OperatorException($"Nothing that waits has the id '{Terminal.Safe(id)}'; see: belljar mail queue list");
        }

        Terminal.Out.WriteLine($"{recipients} {(recipients == 1 ? "recipient" : "recipients")} {what}");
    }

    private static MailQueue Open()
    {
        try
        {
            Directory.CreateDirectory(CommandTree.Paths().MailData);
            return MailQueue.Open(CommandTree.Paths().MailData, TimeProvider.System);
        }
        catch (StoreException refused)
        {
            throw new OperatorException(refused.Message);
        }
    }
}
