using Belljar.Mail.Outgoing;
using Belljar.Mail.Outgoing.Composing;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Mcp.Tools;
using Belljar.Mime.Compose;
using Belljar.Mime.Headers;

namespace Belljar.Mcp.Mail;

/// <summary>The tools that send: they compose, and the daemon decides.</summary>
internal sealed class MailSending(MailHome home)
{
    private const int MostReferences = 100;

    private static readonly ToolParameter Mailbox = new("mailbox", ToolType.Text, "the mailbox of yours to write from", Required: true, Most: 64);
    private static readonly ToolParameter Body = new("body", ToolType.Lines, "the text, as Markdown", Required: true, Most: 1_000_000);
    private static readonly ToolParameter Cc = new("cc", ToolType.Texts, "addresses that get a copy", Most: 100);

    /// <summary>How it goes, whatever it is.</summary>
    private static readonly ToolParameter[] How =
    [
        AttachedFile.Parameter,
        new("wait", ToolType.Flag, "answer after the first attempt to deliver"),
        new(
            "idempotency_key", ToolType.Text, "any text of your own: the same message with the same key is sent once in a day, so that you may call again after an error",
            Most: SubmitOptions.LongestIdempotencyKey),
    ];

    public IEnumerable<McpTool> All() =>
    [
        new(
            "email_send",
            "Sends a message. It is accepted, and from then on delivered, bounced or waiting; never lost.",
            ToolEffect.ReachesOut,
            [
                Mailbox,
                new("to", ToolType.Texts, "addresses", Required: true, Most: 100),
                new("subject", ToolType.Text, "what it is about", Required: true, Most: 900),
                Body, Cc,
                new("bcc", ToolType.Texts, "addresses that get a copy without the others' knowing", Most: 100),
                .. How,
            ],
            SendAsync),
        new(
            "email_reply",
            "Answers a message: to whom it asks answers to go (Reply-To, else From), in its thread.",
            ToolEffect.ReachesOut,
            [
                Mailbox,
                new("id", ToolType.Text, "the id of the message to answer, as email_list gives it", Required: true, Most: 200),
                Body, Cc,
                new("quote", ToolType.Flag, "put the answered text behind yours, each line behind '> '"),
                .. How,
            ],
            ReplyAsync),
    ];

    private async ValueTask<ToolResult> SendAsync(ToolArguments arguments, CancellationToken ct)
    {
        var own = await OwnMailboxes.AskAsync(home.Daemon, ct);
        if (own.AddressOf(arguments.Text("mailbox")) is not { } from)
        {
            return own.Missing();
        }

        var draft = new MailDraft
        {
            From = from,
            To = Addresses(arguments.Texts("to")),
            Cc = Addresses(arguments.Texts("cc")),
            Bcc = Addresses(arguments.Texts("bcc")),
            Subject = arguments.Text("subject"),
            Text = arguments.Text("body"),
        };
        return await SubmitAsync(draft, arguments, ct);
    }

    private async ValueTask<ToolResult> ReplyAsync(ToolArguments arguments, CancellationToken ct)
    {
        var own = await OwnMailboxes.AskAsync(home.Daemon, ct);
        if (own.AddressOf(arguments.Text("mailbox")) is not { } from)
        {
            return own.Missing();
        }

        return home.Reader(null).Show(arguments.Text("mailbox"), arguments.Text("id"), MailFolder.Inbox) is { } answered
            ? await SubmitAsync(Answer(answered, from, arguments), arguments, ct)
            : MailReading.NotFound();
    }

    /// <summary>References keep all ids, and end with the one that is answered (RFC 5322 §3.6.4).</summary>
    private static MailDraft Answer(StoredMessage answered, MailAddress from, ToolArguments arguments)
    {
        var fields = answered.Frontmatter;
        var id = fields.GetString("message_id");
        var subject = fields.GetString("subject") ?? "";
        var text = arguments.Text("body");
        return new MailDraft
        {
            From = from,
            To = [.. AddressList.Parse(fields.GetString("reply_to") ?? fields.GetString("from") ?? "")],
            Cc = Addresses(arguments.Texts("cc")),
            Subject = subject.StartsWith("Re:", StringComparison.OrdinalIgnoreCase) ? subject : $"Re: {subject}",
            Text = arguments.Flag("quote") is true ? $"{text}\n\n{string.Join('\n', answered.Body.TrimEnd().Split('\n').Select(line => "> " + line.TrimEnd('\r')))}\n" : text,
            InReplyTo = id,
            References = [.. (fields.GetStrings("references") ?? []).Append(id).OfType<string>().Distinct().TakeLast(MostReferences)],
        };
    }

    private async Task<ToolResult> SubmitAsync(MailDraft draft, ToolArguments arguments, CancellationToken ct)
    {
        var files = new List<OutgoingFile>();
        foreach (var given in arguments.Objects("attachments"))
        {
            if (!AttachedFile.TryRead(given, out var file, out var mistake))
            {
                return ToolResult.Error("VALIDATION", mistake);
            }

            files.Add(file);
        }

        try
        {
            var answer = await home.Daemon.SendAsync(
                draft with { Attachments = files }, arguments.Flag("wait") is true, arguments.OptionalText("idempotency_key"), TimeProvider.System, ct);
            return answer.Error is { } error ? ToolResult.Error(error) : Accepted(answer.MessageId!);
        }
        catch (ArgumentException mistake)
        {
            return ToolResult.Error("VALIDATION", mistake.Message);
        }
    }

    private static ToolResult Accepted(string messageId)
    {
        var data = new SentMessage(messageId.Trim('<', '>'));
        return new ToolResult($"accepted as {messageId}", System.Text.Json.JsonSerializer.SerializeToElement(data, McpJson.Default.SentMessage));
    }

    private static List<MailAddress> Addresses(IReadOnlyList<string> texts) => [.. texts.SelectMany(text => AddressList.Parse(text))];
}
