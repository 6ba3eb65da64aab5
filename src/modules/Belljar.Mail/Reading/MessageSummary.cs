using Belljar.Toml;

namespace Belljar.Mail.Reading;

/// <param name="Address">The address that is shown; null for a folder that no configured mailbox owns.</param>
public sealed record MailboxSummary(string Name, string? Address, int Messages, int Unread);

/// <summary>One line of a listing. Its texts are fit for a terminal: one line, nothing invisible, no direction tricks.</summary>
/// <param name="Id">The message's name within its mailbox.</param>
/// <param name="From">The true address always stands last, in angle brackets.</param>
/// <param name="Date">The message's own Date; null when it has none that can be understood.</param>
/// <param name="ReceivedAt">When it came here; of a file added by hand, when that was last written.</param>
/// <param name="Trusted"><c>true</c>, <c>false</c> or <c>none</c>.</param>
/// <param name="Problem">What is wrong with the file; null when all is well.</param>
public sealed record MessageSummary(
    string Id,
    string From,
    string To,
    string Subject,
    DateTimeOffset? Date,
    DateTimeOffset ReceivedAt,
    bool IsRead,
    string Trusted,
    int Attachments,
    string? Problem);

/// <summary>A message as its file has it.</summary>
/// <param name="Frontmatter">As written; empty when it cannot be read (see the summary's problem).</param>
/// <param name="Body">Exactly as written: from outside, and not safe for a terminal.</param>
/// <param name="Path">The Markdown file.</param>
/// <param name="RawPath">The original bytes; null when they are not there.</param>
/// <param name="AttachmentPaths">The attachments' files that exist.</param>
public sealed record StoredMessage(
    MessageSummary Summary, TomlTable Frontmatter, string Body, string Path, string? RawPath, IReadOnlyList<string> AttachmentPaths)
{
    /// <summary>What was proven of its sender when it came; null where nobody asked.</summary>
    public MessageProof? Proof => Frontmatter.GetString("dmarc") is { } dmarc
        ? new MessageProof(Frontmatter.GetString("dkim") ?? "", Frontmatter.GetString("spf") ?? "", dmarc)
        : null;
}

/// <summary>Results in the words of RFC 8601; from a file that people may edit, so not safe for a terminal.</summary>
public sealed record MessageProof(string Dkim, string Spf, string Dmarc);
