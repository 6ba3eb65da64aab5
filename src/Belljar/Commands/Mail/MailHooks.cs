using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Belljar.Hosting;
using Belljar.Protocols.Aimx;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

/// <summary>Hooks that are made while the daemon runs, beside those of belljar.yaml.</summary>
internal static class MailHooks
{
    public static Command Create() => CommandTree.Create(
        "hooks", "What is run or told when a mailbox receives or has sent a message.", "belljar mail hooks list", List(), Make(), Delete());

    private static Command List()
    {
        var mailbox = new Argument<string?>("mailbox") { Description = "only this mailbox's", Arity = ArgumentArity.ZeroOrOne };
        var json = CommandTree.Json();
        var command = CommandTree.Create("list", "List the hooks of your mailboxes.", "belljar mail hooks list agent", mailbox, json);
        command.SetAction(async (parsed, ct) =>
        {
            IReadOnlyList<(AimxField, string)> fields = parsed.GetValue(mailbox) is { } one ? [(AimxField.Mailbox, one)] : [];
            var hooks = JsonSerializer.Deserialize((await DaemonRequest.AskAsync(AimxVerb.HookList, fields, default, ct)).Json.Span, CommandJson.Default.HookRowArray)!;
            if (parsed.GetValue(json))
            {
                Terminal.Out.WriteLine(JsonText.Of(hooks, CommandJson.Default.HookRowArray));
                return 0;
            }

            var table = new Table("MAILBOX", "HOOK", "EVENT", "UNTRUSTED MAIL TOO");
            foreach (var hook in hooks)
            {
                table.Add(hook.Mailbox, hook.Name, hook.Event, hook.FireOnUntrusted ? "yes" : "no");
            }

            table.Write(Terminal.Out);
            return 0;
        });
        return command;
    }

    private static Command Make()
    {
        var mailbox = new Argument<string>("mailbox") { Description = "a mailbox of yours" };
        var run = new Argument<string[]>("program") { Description = "a program by its absolute path, and its arguments; no shell reads them", Arity = ArgumentArity.ZeroOrMore };
        var name = new Option<string?>("--name") { Description = "the hook's name; one is made when left out" };
        var hookEvent = new Option<string>("--event") { Description = "on_receive or after_send", DefaultValueFactory = _ => "on_receive" };
        var timeout = new Option<int?>("--timeout") { HelpName = "seconds", Description = "1 to 600; then the program is ended" };
        var untrusted = new Option<bool>("--fire-on-untrusted") { Description = "also for mail that is not known to be from whom it says" };
        var post = new Option<string?>("--post") { HelpName = "url", Description = "tell this address instead of running a program (operator only)" };
        var secret = new Option<string?>("--secret-file") { HelpName = "path", Description = "the file whose content signs what is posted" };
        var command = CommandTree.Create(
            "create", "Make a hook; it is in force with the next message.", "belljar mail hooks create agent --fire-on-untrusted -- /usr/bin/wc -l",
            mailbox, run, name, hookEvent, timeout, untrusted, post, secret);
        command.SetAction(async (parsed, ct) =>
        {
            var program = parsed.GetValue(run) is { Length: > 0 } words ? words : null;
            var form = new HookFormRow(program, parsed.GetValue(post), parsed.GetValue(secret), parsed.GetValue(timeout), parsed.GetValue(untrusted) ? true : null);
            var body = JsonSerializer.SerializeToUtf8Bytes(form, CommandJson.Default.HookFormRow);
            List<(AimxField, string)> fields =
            [
                (AimxField.ContentLength, body.Length.ToString(CultureInfo.InvariantCulture)), (AimxField.Mailbox, parsed.GetRequiredValue(mailbox)), (AimxField.Event, parsed.GetRequiredValue(hookEvent)),
            ];
            if (parsed.GetValue(name) is { } wanted)
            {
                fields.Add((AimxField.Name, wanted));
            }

            await DaemonRequest.AskAsync(AimxVerb.HookCreate, fields, body, ct);
            Terminal.Out.WriteLine("made");
            return 0;
        });
        return command;
    }

    private static Command Delete()
    {
        var mailbox = new Argument<string>("mailbox") { Description = "a mailbox of yours" };
        var name = new Argument<string>("hook") { Description = "the hook's name, as listed" };
        var command = CommandTree.Create("delete", "Remove a hook that was made by command.", "belljar mail hooks delete agent wake", mailbox, name);
        command.SetAction(async (parsed, ct) =>
        {
            await DaemonRequest.AskAsync(AimxVerb.HookDelete, [(AimxField.Mailbox, parsed.GetRequiredValue(mailbox)), (AimxField.Name, parsed.GetRequiredValue(name))], default, ct);
            Terminal.Out.WriteLine("removed");
            return 0;
        });
        return command;
    }
}

/// <summary>One row of <c>mail hooks list --json</c>, as the daemon answers it.</summary>
internal sealed record HookRow(string Mailbox, string Name, string Event, bool FireOnUntrusted);

/// <summary>What HOOK-CREATE takes.</summary>
internal sealed record HookFormRow(string[]? Run, string? Post, string? SecretFile, int? Timeout, bool? FireOnUntrusted);
