using System.Globalization;
using Belljar.Mail.Outgoing.Composing;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Mcp.Tools;
using Belljar.Mime.Headers;
using Belljar.Protocols.Aimx;

namespace Belljar.Mcp.Mail;

/// <summary>The tools that send: they compose, and the daemon decides.</summary>
internal sealed class MailSending(MailHome home)
{
    private const int MostReferences = 100;

    private static readonly ToolParameter Mailbox = new("mailbox", ToolType.Text, "the mailbox of yours to write from", Required: true, Most: 64);
    private static readonly ToolParameter Body = new("body", ToolType.Text, "the text, as Markdown", Required: true, Most: 1_000_000);
    private static readonly ToolParameter Cc = new("cc", ToolType.Texts, "addresses that get a copy", Most: 100);
    private static readonly ToolParameter Wait = new("wait", ToolType.Flag, "answer after the first attempt to deliver");

    public IEnumerable<McpTool> All() =>
    [
        new(
            "email_send",
            "Sends a message. It is accepted, and from then on delivered, bounced or waiting; never lost.",
            false,
            [
                Mailbox,
                new("to", ToolType.Texts, "addresses", Required: true, Most: 100),
                new("subject", ToolType.Text, "what it is about", Required: true, Most: 900),
                Body, Cc,
                new("bcc", ToolType.Texts, "addresses that get a copy without the others' knowing", Most: 100),
                Wait,
            ],
            SendAsync),
        new(
            "email_reply",
            "Answers a message: to whom it asks answers to go (Reply-To, else From), in its thread.",
            false,
            [
                Mailbox,
                new("id", ToolType.Text, "the id of the message to answer, as email_list gives it", Required: true, Most: 200),
                Body, Cc,
                new("quote", ToolType.Flag, "put the answered text behind yours, each line behind '> '"),
                Wait,
            ],
            ReplyAsync),
    ];

    private async ValueTask<ToolResult> SendAsync(ToolArguments arguments, CancellationToken ct)
    {
        if (await AddressOfAsync(arguments.Text("mailbox"), ct) is not { } from)
        {
            return NotYours();
        }

        return await SubmitAsync(
            () => new MailDraft
            {
                From = from,
                To = Addresses(arguments.Texts("to")),
                Cc = Addresses(arguments.Texts("cc")),
                Bcc = Addresses(arguments.Texts("bcc")),
                Subject = arguments.Text("subject"),
                Text = arguments.Text("body"),
            },
            arguments,
            ct);
    }

    private async ValueTask<ToolResult> ReplyAsync(ToolArguments arguments, CancellationToken ct)
    {
        if (await AddressOfAsync(arguments.Text("mailbox"), ct) is not { } from)
        {
            return NotYours();
        }

        if (home.Reader(null).Show(arguments.Text("mailbox"), arguments.Text("id"), MailFolder.Inbox) is not { } answered)
        {
            return ToolResult.Error("NOTFOUND", "there is no message of that id in the inbox; email_list gives the ids");
        }

        return await SubmitAsync(() => Answer(answered, from, arguments), arguments, ct);
    }

    /// <summary>References keep all ids, and end with the one that is answered (RFC 5322 §3.6.4).</summary>
    private static MailDraft Answer(StoredMessage answered, MailAddress from, ToolArguments arguments)
    {
        var fields = answered.Frontmatter;
        var to = AddressList.Parse(fields.GetString("reply_to") ?? fields.GetString("from") ?? "").ToList();
        var id = fields.GetString("message_id");
        var subject = fields.GetString("subject") ?? "";
        var text = arguments.Text("body");
        return new MailDraft
        {
            From = from,
            To = to,
            Cc = Addresses(arguments.Texts("cc")),
            Subject = subject.StartsWith("Re:", StringComparison.OrdinalIgnoreCase) ? subject : $"Re: {subject}",
            Text = arguments.Flag("quote") is true ? $"{text}\n\n{string.Join('\n', answered.Body.TrimEnd().Split('\n').Select(line => "> " + line.TrimEnd('\r')))}\n" : text,
            InReplyTo = id,
            References = [.. (fields.GetStrings("references") ?? []).Append(id).OfType<string>().Distinct().TakeLast(MostReferences)],
        };
    }

    private async Task<ToolResult> SubmitAsync(Func<MailDraft> compose, ToolArguments arguments, CancellationToken ct)
    {
        byte[] message;
        try
        {
            message = compose().ToBytes(TimeProvider.System);
        }
        catch (ArgumentException mistake)
        {
            return ToolResult.Error("VALIDATION", mistake.Message);
        }

        // The HTML is beside the text already.
        (AimxField, string)[] fields =
        [
            (AimxField.ContentLength, message.Length.ToString(CultureInfo.InvariantCulture)),
            (AimxField.TextOnly, "true"),
            (AimxField.Wait, arguments.Flag("wait") is true ? "true" : "false"),
        ];
        var answer = await home.Daemon.AskAsync(AimxVerb.Send, fields, message, ct);
        return answer.Error is { } error ? ToolResult.Error(error.Code.Word(), error.Reason) : new ToolResult($"accepted as {answer.MessageId}");
    }

    /// <returns>Null when the daemon does not list it for this user.</returns>
    private async Task<MailAddress?> AddressOfAsync(string mailbox, CancellationToken ct)
    {
        var own = await OwnMailboxes.AskAsync(home.Daemon, ct);
        return own.TryGetValue(mailbox, out var address) ? new MailAddress(null, address) : null;
    }

    private static ToolResult NotYours() => ToolResult.Error("ENOENT", "there is no mailbox of that name that you may use; mailbox_list names them");

    private static List<MailAddress> Addresses(IReadOnlyList<string> texts) => [.. texts.SelectMany(text => AddressList.Parse(text))];
}
