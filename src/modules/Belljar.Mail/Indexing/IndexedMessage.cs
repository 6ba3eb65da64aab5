using Belljar.Mail.Reading;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Indexing;

/// <summary>A message as it is written to the index.</summary>
internal sealed record IndexedMessage(MailFolder Folder, string Mailbox, FileStamp Stamp, MessageSummary Summary, string Body, string Labels, string Files)
{
    /// <summary>Words beyond it are not found; nobody searches for the end of a log file.</summary>
    private const int LongestBody = 1 << 20;

    /// <returns>Null when the file has gone.</returns>
    public static IndexedMessage? Read(MailFolder folder, string mailbox, MessageLocation location, FileStamp stamp)
    {
        // The stamp was taken before the file is read: a change in between is noticed the next time.
        if (MessageReading.Read(location) is not { } message)
        {
            return null;
        }

        return new IndexedMessage(
            folder,
            mailbox,

            // Perhaps only this user cannot read it: whoever looks next tries again.
            message.Summary.Problem is null ? stamp.Settled() : stamp with { Changed = 0 },
            message.Summary,
            message.Body.Length > LongestBody ? message.Body[..LongestBody] : message.Body,
            string.Join(' ', message.Frontmatter.GetStrings("labels") ?? []),
            string.Join(' ', message.Frontmatter.GetTables("attachments").Select(attachment => attachment.GetString("filename"))));
    }
}

/// <summary>A message that a search found.</summary>
public sealed record FoundMessage(string Mailbox, MailFolder Folder, MessageSummary Message);
