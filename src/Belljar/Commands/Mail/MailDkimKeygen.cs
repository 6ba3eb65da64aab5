using System.CommandLine;
using Belljar.Hosting;
using Belljar.Mail;
using Belljar.Mail.Signing;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

internal static class MailDkimKeygen
{
    public static Command Create()
    {
        var domain = new Argument<string?>("domain") { Description = "one of mail.domains; the first one when not given", Arity = ArgumentArity.ZeroOrOne };
        var rotate = new Option<bool>("--rotate") { Description = "make a new pair, which waits until --use" };
        var use = new Option<string?>("--use") { HelpName = "pair", Description = "sign with this pair from now on" };
        var command = CommandTree.Create(
            "dkim-keygen", "Make the keys that sign a domain's mail, and show the DNS records to publish.", "belljar mail dkim-keygen example.org --rotate", domain, rotate, use);
        command.SetAction(parsed => Run(parsed.GetValue(domain), parsed.GetValue(rotate), parsed.GetValue(use)));
        return command;
    }

    private static void Run(string? wanted, bool rotate, string? use)
    {
        var options = MailHome.Options();
        var domain = Known(options, wanted);
        var keys = new DkimKeyStore(CommandTree.Paths().MailData, TimeProvider.System);
        if (use is not null)
        {
            Use(keys, domain, use);
            return;
        }

        var isFirst = keys.CurrentName(domain) is null;
        var name = isFirst || rotate ? keys.Generate(domain) : keys.CurrentName(domain)!;
        Terminal.Out.WriteLine(isFirst ? $"; {domain} is signed with {name} from now on; publish:" : rotate ? $"; publish, then: belljar mail dkim-keygen {domain} --use {name}" : $"; {domain} is signed with {name}");
        foreach (var record in keys.Records(domain, name))
        {
            Terminal.Out.WriteLine(record.ToZoneLine());
        }
    }

    private static void Use(DkimKeyStore keys, string domain, string name)
    {
        if (!keys.Use(domain, name))
        {
            throw new OperatorException($"{domain} has no pair '{Terminal.Safe(name)}'; it has: {string.Join(", ", keys.Names(domain).DefaultIfEmpty("none"))}.");
        }

        Terminal.Out.WriteLine($"{domain} is signed with {name} from now on. Leave the old records for some days: what was signed is still on its way.");
    }

    private static string Known(MailOptions options, string? wanted) =>
        wanted is null ? options.Domains[0]
        : options.Domains.FirstOrDefault(domain => domain.Equals(wanted, StringComparison.OrdinalIgnoreCase))
        ?? throw new OperatorException($"'{Terminal.Safe(wanted)}' is not one of mail.domains: {string.Join(", ", options.Domains)}.");
}
