using System.Collections.Concurrent;
using System.Net;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Toml;

namespace Belljar.Mail.Outgoing.Queue;

/// <summary>
/// The sender's own copy, as Markdown beside its raw bytes in <c>sent/&lt;mailbox&gt;</c>. The queue is the truth while it has the message:
/// a copy that a kill left unwritten or out of date is made good at the next start.
/// </summary>
internal sealed class SentCopies(MailLayout layout, MailOptions options)
{
    private readonly ConcurrentDictionary<string, Lock> _locks = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reserved = [];
    private readonly Lock _reserving = new();

    /// <summary>A name that nobody else gets; <see cref="Release"/> it when the copy is written, or will never be.</summary>
    public string Reserve(string mailbox, DateTimeOffset now, string? subject)
    {
        var folder = layout.Mailbox(MailFolder.Sent, mailbox);
        var stem = MessageStem.Of(now, subject);
        lock (_reserving)
        {
            for (var n = 1; ; n++)
            {
                var name = MessageStem.Numbered(stem, n);
                if (!Path.Exists(MailLayout.PlainFile(folder, name)) && !Path.Exists(Path.Combine(folder, name)) && !File.Exists(MailLayout.RawFile(folder, name))
                    && _reserved.Add(Slot(mailbox, name)))
                {
                    return name;
                }
            }
        }
    }

    public void Release(string mailbox, string stem)
    {
        lock (_reserving)
        {
            _reserved.Remove(Slot(mailbox, stem));
        }
    }

    /// <summary>Clears what a crash left half written; nobody else writes here yet.</summary>
    public void Prepare()
    {
        DurableFiles.CreateDurableFolder(layout.Folder(MailFolder.Sent));
        foreach (var folder in Directory.EnumerateDirectories(layout.Folder(MailFolder.Sent)).SelectMany(mailbox => new[] { mailbox, MailLayout.Raw(mailbox) }).Where(Directory.Exists))
        {
            foreach (var left in new DirectoryInfo(folder).EnumerateFileSystemInfos(MailLayout.TemporaryPrefix + "*"))
            {
                if (left is DirectoryInfo attachments)
                {
                    attachments.Delete(recursive: true);
                }
                else
                {
                    left.Delete();
                }
            }
        }
    }

    /// <summary>Whether the message's copy has ever been written: its raw bytes are there, whatever became of the rest.</summary>
    public bool Exists(string mailbox, string stem) => File.Exists(MailLayout.RawFile(layout.Mailbox(MailFolder.Sent, mailbox), stem));

    /// <summary>Writes the copy. The Markdown first: whoever finds the raw bytes knows that all is there.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(QueuedMessage message)
    {
        var folder = layout.Mailbox(MailFolder.Sent, message.Mailbox!);
        DurableFiles.CreateDurableFolder(folder);
        DurableFiles.CreateDurableFolder(MailLayout.Raw(folder));
        lock (LockOf(message.Mailbox!))
        {
            WriteMarkdown(folder, message);
            var staged = Path.Combine(MailLayout.Raw(folder), MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
            DurableFiles.Write(staged, message.Raw);
            File.Move(staged, MailLayout.RawFile(folder, message.Stem!), overwrite: true);
            DurableFiles.SyncFolder(MailLayout.Raw(folder));
        }
    }

    /// <summary>Says in the copy where the message is. A copy that its owner deleted or broke stays as he left it.</summary>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public void Update(string mailbox, string stem, IReadOnlyList<QueuedRecipient> recipients)
    {
        lock (LockOf(mailbox))
        {
            if (new MailboxFolder(layout.Mailbox(MailFolder.Sent, mailbox)).Find(stem) is not { } file)
            {
                return;
            }

            var text = FrontmatterText.Split(File.ReadAllBytes(file.Path));
            if (text.Frontmatter is null || !TomlDocument.TryParse(text.Frontmatter, out var fields, out _))
            {
                return;
            }

            foreach (var (key, value) in DeliveryFields(recipients))
            {
                Set(fields, key, value);
            }

            var folder = Path.GetDirectoryName(file.Path)!;
            var staged = Path.Combine(folder, MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
            DurableFiles.Write(staged, MessageFile.Compose(fields, text.Body));
            File.Move(staged, file.Path, overwrite: true);
            DurableFiles.SyncFolder(folder);
        }
    }

    private void WriteMarkdown(string folder, QueuedMessage message)
    {
        var content = MimeContent.Read(message.Raw);
        var final = content.Attachments.Count > 0 ? Path.Combine(folder, message.Stem!) : MailLayout.PlainFile(folder, message.Stem!);
        if (Path.Exists(final))
        {
            return;
        }

        var staged = Path.Combine(folder, MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
        if (content.Attachments.Count == 0)
        {
            DurableFiles.Write(staged, Compose(message, content, []));
            File.Move(staged, final);
        }
        else
        {
            DurableFiles.CreateFolder(staged);
            var attachments = WriteAttachments(staged, message.Stem!, content);
            DurableFiles.Write(Path.Combine(staged, message.Stem + MailLayout.MessageExtension), Compose(message, content, attachments));
            DurableFiles.SyncFolder(staged);
            Directory.Move(staged, final);
        }

        DurableFiles.SyncFolder(folder);
    }

    private static List<StoredAttachment> WriteAttachments(string folder, string stem, MessageContent content)
    {
        var names = new AttachmentNames(stem + MailLayout.MessageExtension);
        var stored = new List<StoredAttachment>();
        foreach (var attachment in content.Attachments)
        {
            var name = names.Take(attachment.FileName, attachment.Fallback);
            DurableFiles.Write(Path.Combine(folder, name), attachment.Bytes);
            stored.Add(new StoredAttachment(name, attachment.ContentType, attachment.Bytes.Length));
        }

        return stored;
    }

    private byte[] Compose(QueuedMessage message, MessageContent content, IReadOnlyList<StoredAttachment> attachments)
    {
        var mailbox = options.FindMailbox(message.Mailbox!) ?? new MailboxOptions(message.Mailbox!, [message.Sender], TrustPolicy.None, null);
        var sent = new ReceivedMessage(message.Raw, message.Sender, IPAddress.None, "", "", message.CreatedAt) { IsImported = true, IsRead = true };
        var fields = MessageFile.Frontmatter(message.Stem!, sent, content, new Delivery(mailbox, [.. message.Recipients.Select(recipient => recipient.Address)]), "none", attachments);
        Set(fields, "outbound", true);
        Set(fields, "outbound_format", message.Format);
        Set(fields, "bcc", message.Bcc.Length > 0 ? (TomlValue)message.Bcc : null);
        foreach (var (key, value) in DeliveryFields(message.Recipients))
        {
            Set(fields, key, value);
        }

        return MessageFile.Compose(fields, content.Body);
    }

    private static IEnumerable<(string Key, TomlValue? Value)> DeliveryFields(IReadOnlyList<QueuedRecipient> recipients)
    {
        yield return ("delivery_status", Status(recipients));
        var delivered = recipients.Where(recipient => recipient.State == RecipientState.Delivered).Select(recipient => recipient.ChangedAt).ToList();
        yield return ("delivered_at", delivered.Count == recipients.Count ? delivered.Max() : null);
        var details = recipients.Where(recipient => recipient.Reply.Length > 0)
            .Select(recipient => $"{recipient.Address}: {recipient.State.ToString().ToLowerInvariant()}: {recipient.Reply}").ToList();
        yield return ("delivery_details", details.Count > 0 ? TomlArray.Of(details) : null);
    }

    /// <summary><c>queued</c>, <c>deferred</c> (tried, and to be tried again), <c>delivered</c>, <c>failed</c>, <c>dropped</c>, or <c>partial</c> where they differ in the end.</summary>
    private static string Status(IReadOnlyList<QueuedRecipient> recipients)
    {
        if (recipients.Any(recipient => recipient.State == RecipientState.Queued))
        {
            return recipients.Any(recipient => recipient is { State: RecipientState.Queued, Attempts: > 0 }) ? "deferred" : "queued";
        }

        return recipients.All(recipient => recipient.State == RecipientState.Delivered) ? "delivered"
            : recipients.Any(recipient => recipient.State == RecipientState.Delivered) ? "partial"
            : recipients.All(recipient => recipient.State == RecipientState.Dropped) ? "dropped"
            : "failed";
    }

    private static void Set(TomlTable fields, string key, TomlValue? value)
    {
        if (value is null)
        {
            fields.Remove(key);
        }
        else
        {
            fields[key] = value;
        }
    }

    private static string Slot(string mailbox, string stem) => $"{mailbox}/{stem}";

    private Lock LockOf(string mailbox) => _locks.GetOrAdd(mailbox, _ => new Lock());
}
