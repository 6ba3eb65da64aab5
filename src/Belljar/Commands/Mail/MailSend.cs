using System.CommandLine;
using System.Text;
using Belljar.Hosting;
using Belljar.Mail.Outgoing.Composing;
using Belljar.Mime.Compose;
using Belljar.Mime.Headers;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

/// <summary>Composes a message and hands it to the daemon, which alone knows configuration and keys.</summary>
internal static class MailSend
{
    public static Command Create()
    {
        var from = new Option<string>("--from") { HelpName = "address", Description = "an address of a mailbox of yours", Required = true };
        var to = Addresses("--to", "who it is for");
        var cc = Addresses("--cc", "who gets a copy");
        var bcc = Addresses("--bcc", "who gets a copy without the others' knowing");
        var subject = new Option<string>("--subject") { HelpName = "text", Description = "what it is about", DefaultValueFactory = _ => "" };
        var body = new Option<string?>("--body") { HelpName = "text", Description = "the text (Markdown); standard input when left out" };
        var textOnly = new Option<bool>("--text-only") { Description = "no HTML beside the text" };
        var html = new Option<string?>("--html") { HelpName = "file", Description = "this HTML beside the text, instead of what the Markdown gives" };
        var attach = new Option<string[]>("--attach") { HelpName = "file", Description = "a file to attach; again for more" };
        var wait = new Option<bool>("--wait") { Description = "answer after the first attempt to deliver" };
        var key = new Option<string?>("--idempotency-key") { HelpName = "key", Description = "the same message with the same key is sent once a day" };
        var command = CommandTree.Create(
            "send",
            "Send a message through the running daemon.",
            "belljar mail send --from agent@example.org --to ann@example.net --subject Report --body \"All is **well**.\"",
            from, to, cc, bcc, subject, body, textOnly, html, attach, wait, key);
        command.SetAction(async (parsed, ct) =>
        {
            var text = parsed.GetValue(body) ?? await new StreamReader(Terminal.OpenInput(), Encoding.UTF8).ReadToEndAsync(ct);
            var draft = new MailDraft
            {
                From = One(parsed.GetRequiredValue(from)),
                To = All(parsed.GetValue(to)),
                Cc = All(parsed.GetValue(cc)),
                Bcc = All(parsed.GetValue(bcc)),
                Subject = parsed.GetRequiredValue(subject),
                Text = text,
                TextOnly = parsed.GetValue(textOnly),
                Html = parsed.GetValue(html) is { } page ? await ReadAsync(page, async path => await File.ReadAllTextAsync(path, ct)) : null,
                Attachments = [.. await Task.WhenAll((parsed.GetValue(attach) ?? []).Select(path => ReadAsync(path, async file =>
                    new OutgoingFile(Path.GetFileName(file), "application/octet-stream", await File.ReadAllBytesAsync(file, ct)))))],
            };
            return await SendAsync(draft, parsed.GetValue(wait), parsed.GetValue(key), ct);
        });
        return command;
    }

    private static async Task<int> SendAsync(MailDraft draft, bool wait, string? idempotencyKey, CancellationToken ct)
    {
        try
        {
            var answer = await DaemonRequest.AskAsync(daemon => daemon.SendAsync(draft, wait, idempotencyKey, TimeProvider.System, ct));
            Terminal.Out.WriteLine(answer.MessageId);
            return 0;
        }
        catch (ArgumentException mistake)
        {
            throw new OperatorException(mistake.Message, OperatorException.WrongUsage);
        }
    }

    private static Option<string[]> Addresses(string name, string what) => new(name) { HelpName = "address", Description = $"{what}; again for more" };

    private static List<MailAddress> All(string[]? texts) => [.. (texts ?? []).SelectMany(text => AddressList.Parse(text)).Select(Valid)];

    private static MailAddress One(string text) => AddressList.Parse(text).ToList() is [var only]
        ? Valid(only)
        : throw new OperatorException($"'{Terminal.Safe(text)}' is not one address.", OperatorException.WrongUsage);

    private static MailAddress Valid(MailAddress address) => address.IsValid
        ? address
        : throw new OperatorException($"'{Terminal.Safe(address.Address)}' is not an address such as ann@example.org.", OperatorException.WrongUsage);

    private static async Task<T> ReadAsync<T>(string path, Func<string, Task<T>> read)
    {
        try
        {
            return await read(path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{Terminal.Safe(path)} cannot be read: {failed.Message}");
        }
    }
}
