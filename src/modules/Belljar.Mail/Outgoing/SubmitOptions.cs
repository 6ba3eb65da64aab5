namespace Belljar.Mail.Outgoing;

/// <summary>How a message is handed in.</summary>
public sealed record SubmitOptions
{
    public const int LongestIdempotencyKey = 200;

    /// <summary>Whether the caller may write as this mailbox: its owner, or whoever logged in to it.</summary>
    public required Func<MailboxOptions, bool> MaySendAs { get; init; }

    /// <summary>Answer after every recipient's first attempt.</summary>
    public bool Wait { get; init; }

    /// <summary>The same key and message from the same mailbox within 24 hours are one message; null: every one is another.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>What happens to a body that is plain text.</summary>
    public BodyFormat Format { get; init; } = BodyFormat.AsItIs;

    /// <summary>HTML to go beside the text instead of what the text would give; with <see cref="BodyFormat.Markdown"/> alone.</summary>
    public string? Html { get; init; }
}

public enum BodyFormat
{
    /// <summary>Not a byte of the body is changed.</summary>
    AsItIs,

    /// <summary>The text is Markdown: its HTML goes beside it (multipart/alternative).</summary>
    Markdown,
}
