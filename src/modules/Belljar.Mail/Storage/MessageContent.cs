namespace Belljar.Mail.Storage;

/// <summary>What is written of a message, as its sender sent it: decoded text, no judgement.</summary>
internal sealed record MessageContent
{
    /// <summary>Without angle brackets; null when the message has none.</summary>
    public string? MessageId { get; init; }

    public string From { get; init; } = "";

    public string To { get; init; } = "";

    public string Cc { get; init; } = "";

    public string ReplyTo { get; init; } = "";

    public string Subject { get; init; } = "";

    public DateTimeOffset? Date { get; init; }

    public IReadOnlyList<string> InReplyTo { get; init; } = [];

    public IReadOnlyList<string> References { get; init; } = [];

    public string ListId { get; init; } = "";

    public string AutoSubmitted { get; init; } = "";

    /// <summary>Readable text with LF line ends.</summary>
    public string Body { get; init; } = "";

    public IReadOnlyList<AttachmentContent> Attachments { get; init; } = [];

    public IReadOnlyList<string> Defects { get; init; } = [];

    /// <summary>The message's bytes behind its header: what makes two messages of one Message-ID the same.</summary>
    public ReadOnlyMemory<byte> RawBody { get; init; }
}

/// <param name="FileName">As the sender wrote it; null when he wrote none.</param>
/// <param name="Fallback">A name for it when its own is of no use.</param>
internal sealed record AttachmentContent(string? FileName, string Fallback, string ContentType, ReadOnlyMemory<byte> Bytes);
