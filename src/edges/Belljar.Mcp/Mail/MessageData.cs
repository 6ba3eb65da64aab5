namespace Belljar.Mcp.Mail;

/// <summary>Some clients show a model the data and not the text, so it says what it is too.</summary>
/// <param name="NextCursor">Give it back as <c>cursor</c> for what follows; null at the end.</param>
internal sealed record MessageList(IReadOnlyList<MessageLine> Messages, string? NextCursor, string Notice = OutsideText.Notice);

internal sealed record FoundList(IReadOnlyList<FoundLine> Messages, string Notice = OutsideText.Notice);

internal sealed record FoundLine(string Mailbox, string Folder, MessageLine Message);

/// <param name="Trusted"><c>true</c>, <c>false</c> or <c>none</c>.</param>
internal sealed record MessageLine(string Id, string From, string To, string Subject, DateTimeOffset Date, bool Read, string Trusted, int Attachments);

/// <param name="Body">Between the lines that mark what came from outside.</param>
internal sealed record MessageContent(
    string Id,
    string From,
    string To,
    string? Cc,
    string Subject,
    DateTimeOffset Date,
    bool Read,
    string Trusted,
    string? MessageId,
    string? ThreadId,
    IReadOnlyList<string> Labels,
    IReadOnlyList<AttachmentLine> Attachments,
    string Body);

/// <param name="MessageId">Without angle brackets.</param>
internal sealed record SentMessage(string MessageId);

internal sealed record AttachmentLine(string Name, string ContentType, long Size);
