using System.Security.Cryptography;
using System.Text;
using Belljar.Mime;
using Belljar.Mime.Compose;
using Belljar.Mime.Headers;

namespace Belljar.Mail.Outgoing.Composing;

/// <summary>What a person or an agent writes, before it is a message. Composing needs no configuration and no key.</summary>
public sealed record MailDraft
{
    public required MailAddress From { get; init; }

    public IReadOnlyList<MailAddress> To { get; init; } = [];

    public IReadOnlyList<MailAddress> Cc { get; init; } = [];

    public IReadOnlyList<MailAddress> Bcc { get; init; } = [];

    public MailAddress? ReplyTo { get; init; }

    public string Subject { get; init; } = "";

    /// <summary>Markdown, unless <see cref="TextOnly"/>.</summary>
    public string Text { get; init; } = "";

    /// <summary>No HTML beside the text.</summary>
    public bool TextOnly { get; init; }

    /// <summary>Beside the text, instead of what the text would give; null for that.</summary>
    public string? Html { get; init; }

    public IReadOnlyList<OutgoingFile> Attachments { get; init; } = [];

    /// <summary>Without angle brackets; null when it answers nothing.</summary>
    public string? InReplyTo { get; init; }

    /// <summary>Oldest first, without angle brackets.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>It is written by a program in answer to a message (RFC 3834).</summary>
    public bool IsAutomaticReply { get; init; }

    /// <summary>The message with its Bcc, which the server takes out.</summary>
    /// <exception cref="ArgumentException">An address or an id is not what it must be.</exception>
    public byte[] ToBytes(TimeProvider clock) => [.. BccField(), .. Compose(clock.GetLocalNow(), boundarySeed: null)];

    /// <summary>
    /// The same draft always as the same bytes, as an idempotency key needs them: without Message-ID and Date, which the server adds.
    /// </summary>
    /// <exception cref="ArgumentException">An address or an id is not what it must be.</exception>
    public byte[] ToRepeatableBytes()
    {
        var seed = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)).AsSpan(0, 16));
        var message = MimeMessage.Parse(Compose(DateTimeOffset.UnixEpoch, seed));
        var fields = message.Headers.Where(field => !field.IsNamed("Message-ID") && !field.IsNamed("Date")).SelectMany(field => field.Raw.ToArray());
        return [.. BccField(), .. fields, .. "\r\n"u8, .. message.Raw.Span[message.BodyOffset..]];
    }

    private byte[] Compose(DateTimeOffset date, string? boundarySeed) => new OutgoingMessage
    {
        From = [From],
        ReplyTo = ReplyTo is null ? [] : [ReplyTo],
        To = To,
        Cc = Cc,
        Subject = Subject,
        Date = date,
        MessageId = $"{Guid.NewGuid():N}@{From.AsciiDomain}",
        InReplyTo = InReplyTo is null ? [] : [InReplyTo],
        References = References,
        Fields = IsAutomaticReply ? [KeyValuePair.Create("Auto-Submitted", "auto-replied")] : [],
        Body = OutgoingPart.Of(Text, TextOnly ? null : Html ?? MarkdownHtml.Render(Text), Attachments),
        BoundarySeed = boundarySeed,
    }.ToBytes();

    /// <summary>Nobody will read it: addresses alone, one a line.</summary>
    private byte[] BccField()
    {
        if (Bcc is [])
        {
            return [];
        }

        if (Bcc.FirstOrDefault(address => !address.IsValid) is not null)
        {
            throw new ArgumentException("An address of the message is not valid.", nameof(Bcc));
        }

        return Encoding.UTF8.GetBytes($"Bcc: {string.Join(",\r\n\t", Bcc.Select(address => $"{address.LocalPart}@{address.AsciiDomain}"))}\r\n");
    }
}
