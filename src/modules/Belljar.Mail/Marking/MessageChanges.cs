using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Toml;

namespace Belljar.Mail.Marking;

public enum ChangeOutcome
{
    Done,

    /// <summary>There is no such message, or the id is none.</summary>
    NoMessage,

    /// <summary>There is no mailbox to move it to any more.</summary>
    NoMailbox,

    /// <summary>The message's file has no frontmatter that can be understood: it is left as it is.</summary>
    Broken,
}

/// <summary>
/// Marks, labels and deletes stored messages. A message's file is replaced whole, by a rename, and a mailbox has one lock, so
/// that no change is lost to another one. Messages that arrive have names that nobody has yet: they need no lock.
/// </summary>
/// <param name="mailData">The folder that holds <c>inbox</c> and <c>sent</c>.</param>
/// <param name="locks">Shared with whoever else changes messages there.</param>
public sealed class MessageChanges(string mailData, MailboxLocks locks, TimeProvider clock)
{
    private readonly MailLayout _layout = new(mailData);

    /// <summary>Sets <c>read</c>, and with it <c>read_at</c>; a message that is read already keeps its time.</summary>
    /// <exception cref="IOException">The file could not be read or written.</exception>
    public ChangeOutcome MarkRead(string mailbox, MailFolder folder, string id, bool read) => Edit(mailbox, folder, id, fields =>
        fields.GetBoolean("read") == read && fields.ContainsKey("read_at") == read
            ? []
            : [("read", read), ("read_at", read ? clock.GetUtcNow() : null)]);

    /// <summary>Replaces the labels; none removes the field.</summary>
    /// <exception cref="IOException">The file could not be read or written.</exception>
    public ChangeOutcome Label(string mailbox, MailFolder folder, string id, IReadOnlyList<string> labels) => Edit(mailbox, folder, id, _ =>
        [("labels", labels.Count == 0 ? null : TomlArray.Of([.. labels]))]);

    /// <summary>Removes the message, its attachments and its raw copy.</summary>
    /// <exception cref="IOException">It could not be removed, or not wholly.</exception>
    public ChangeOutcome Delete(string mailbox, MailFolder folder, string id)
    {
        lock (locks.Of(mailbox))
        {
            if (Find(mailbox, folder, id) is not { } message)
            {
                return ChangeOutcome.NoMessage;
            }

            // From the first step on it is listed no more; what a crash leaves begins with a dot and is swept at the next start.
            var hasFolder = message.Path == MailLayout.FileWithAttachments(message.Folder, id);
            var gone = Path.Combine(message.Folder, MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
            if (hasFolder)
            {
                Directory.Move(Path.Combine(message.Folder, id), gone);
            }
            else
            {
                File.Move(message.Path, gone);
            }

            File.Delete(MailLayout.RawFile(message.Folder, id));
            DurableFiles.SyncFolder(message.Folder);
            if (hasFolder)
            {
                Directory.Delete(gone, recursive: true);
            }
            else
            {
                File.Delete(gone);
            }

            return ChangeOutcome.Done;
        }
    }

    /// <summary>
    /// Moves the message to another mailbox, with its attachments and its raw copy. What a crash leaves is the message in both,
    /// never in none.
    /// </summary>
    /// <param name="movedId">Its id there: the same, numbered when that is taken.</param>
    /// <exception cref="IOException">It could not be moved, or not wholly.</exception>
    public ChangeOutcome Move(string mailbox, MailFolder folder, string id, string to, out string? movedId)
    {
        movedId = null;
        var (first, second) = string.CompareOrdinal(mailbox, to) < 0 ? (mailbox, to) : (to, mailbox);
        lock (locks.Of(first))
        {
            lock (locks.Of(second))
            {
                if (Find(mailbox, folder, id) is not { } message)
                {
                    return ChangeOutcome.NoMessage;
                }

                if (!Directory.Exists(_layout.Mailbox(MailFolder.Inbox, to)))
                {
                    return ChangeOutcome.NoMailbox;
                }

                var target = _layout.Mailbox(folder, to);
                DurableFiles.CreateDurableFolder(target);
                DurableFiles.CreateDurableFolder(MailLayout.Raw(target));
                movedId = FreeId(target, id);
                if (FrontmatterEdit.Apply(File.ReadAllBytes(message.Path), ("id", movedId), ("mailbox", to)) is not { } content)
                {
                    return ChangeOutcome.Broken;
                }

                MessageCopy.Make(message, target, movedId, content);
                return Delete(mailbox, folder, id);
            }
        }
    }

    private static string FreeId(string folder, string id)
    {
        var there = new MailboxFolder(folder);
        for (var n = 1; ; n++)
        {
            var numbered = MessageStem.Numbered(id, n);
            if (there.Find(numbered) is null && !File.Exists(MailLayout.RawFile(folder, numbered)))
            {
                return numbered;
            }
        }
    }

    private ChangeOutcome Edit(string mailbox, MailFolder folder, string id, Func<TomlTable, IReadOnlyList<(string, TomlValue?)>> change)
    {
        lock (locks.Of(mailbox))
        {
            if (Find(mailbox, folder, id) is not { } message)
            {
                return ChangeOutcome.NoMessage;
            }

            var file = File.ReadAllBytes(message.Path);
            if (!FrontmatterText.TryFind(file, out var range, out _) || !TomlDocument.TryParse(file.AsSpan()[range], out var fields, out _))
            {
                return ChangeOutcome.Broken;
            }

            var changes = change(fields);
            if (changes.Count > 0)
            {
                Replace(message.Path, FrontmatterEdit.Apply(file, changes)!);
            }

            return ChangeOutcome.Done;
        }
    }

    private static void Replace(string path, byte[] content)
    {
        var folder = Path.GetDirectoryName(path)!;
        var temporary = Path.Combine(folder, MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
        try
        {
            DurableFiles.Write(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        DurableFiles.SyncFolder(folder);
    }

    /// <summary>A symbolic link in a mailbox is nobody's message.</summary>
    private MessageLocation? Find(string mailbox, MailFolder folder, string id)
        => MailSettings.IsMailboxName(mailbox)
            && MessageStem.IsSafe(id)
            && new MailboxFolder(_layout.Mailbox(folder, mailbox)).Find(id) is { } found
            && new FileInfo(found.Path).LinkTarget is null
            && new DirectoryInfo(Path.GetDirectoryName(found.Path)!).LinkTarget is null
                ? found
                : null;
}
