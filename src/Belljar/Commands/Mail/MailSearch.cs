using System.CommandLine;
using Belljar.Mail.Indexing;
using Belljar.Mail.Reading;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

internal static class MailSearch
{
    public static Command Create()
    {
        var query = new Argument<string[]>("query")
        {
            Description = "words; \"words in a row\"; -without; from: to: subject: body: label: file:; is:unread has:attachment trusted:true since:2026-01-31 before:2026-02-28",
            Arity = ArgumentArity.OneOrMore,
        };
        var mailbox = new Option<string?>("--mailbox", "-m") { Description = "only this mailbox" };
        var limit = new Option<int>("--limit", "-n") { Description = "how many of the newest", DefaultValueFactory = _ => 50 };
        var json = CommandTree.Json();
        var command = CommandTree.Create("search", "Find messages by what is in them, newest first.", "belljar mail search invoice from:alice is:unread", query, mailbox, limit, json);
        command.SetAction((parsed, ct) =>
        {
            using var index = MailHome.Index();
            var reader = new MailReader(CommandTree.Paths().MailData, MailHome.Options(), index);
            var name = parsed.GetValue(mailbox) is { } wanted ? MailHome.Known(reader, wanted) : null;
            var found = reader.Search(string.Join(' ', parsed.GetRequiredValue(query)), name, Math.Max(1, parsed.GetValue(limit)), ct);
            if (parsed.GetValue(json))
            {
                var rows = found.Select(message => new FoundRow(message.Mailbox, Folder(message), MailHome.Row(message.Message)));
                Terminal.Out.WriteLine(JsonText.Of([.. rows], CommandJson.Default.FoundRowArray));
                return Task.FromResult(0);
            }

            var table = new Table("", "RECEIVED", "MAILBOX", "FROM", "SUBJECT", "TRUSTED", "ID");
            foreach (var one in found)
            {
                var message = one.Message;
                table.Add(
                    message.IsRead ? " " : "*",
                    $"{message.ReceivedAt.ToLocalTime():yyyy-MM-dd HH:mm}",
                    Folder(one) == "inbox" ? one.Mailbox : $"{one.Mailbox} (sent)",
                    message.From,
                    message.Subject,
                    message.Trusted,
                    message.Id);
            }

            table.Write(Terminal.Out);
            return Task.FromResult(0);
        });
        return command;
    }

    private static string Folder(FoundMessage message) => message.Folder.ToString().ToLowerInvariant();
}
