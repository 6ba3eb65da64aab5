using System.Collections.Concurrent;
using System.Net;
using Belljar.Mail.Mailboxes;
using Belljar.Mail.Marking;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Toml;

namespace Belljar.Mail.Outgoing.Queue;

/// <summary>
/// The sender's own copy, as Markdown beside its raw bytes in <c>sent/&lt;mailbox&gt;</c>. The queue is the truth while it has the message, so
/// nothing here waits for the disk: a copy that a crash left out or half written is made good at the next start. Only before
/// the queue forgets messages their copies are flushed, many at once. Threads of their own do it: the pool serves the sockets.
/// </summary>
internal sealed class SentCopies(MailLayout layout, MailboxRegistry mailboxes, MailboxLocks locks) : IDisposable
{
    private const UnixFileMode FileMode0640 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
    private const int Threads = 2;

    private readonly StorageThreads _threads = new(Threads);

    /// <summary>A flush takes as long as the disk likes; nobody who hands in a message waits behind it.</summary>
    private readonly StorageThreads _flushing = new(1);
    private readonly HashSet<string> _reserved = [];

    /// <summary>The name that was asked for last, and the number that it got: the next of many in one second is looked for behind it.</summary>
    private (string Slot, int Number) _last = ("", 0);

    /// <summary>Messages of the queue whose copies have been written: what their owner deletes after that stays deleted.</summary>
    private readonly ConcurrentDictionary<long, bool> _written = new();
    private readonly Lock _reserving = new();

    /// <summary>A name that nobody else gets; <see cref="Release"/> it when the copy is written, or will never be.</summary>
    public string Reserve(string mailbox, DateTimeOffset now, string? subject)
    {
        var folder = layout.Mailbox(MailFolder.Sent, mailbox);
        var stem = MessageStem.Of(now, subject);
        lock (_reserving)
        {
            for (var n = _last.Slot == Slot(mailbox, stem) ? _last.Number + 1 : 1; ; n++)
            {
                var name = MessageStem.Numbered(stem, n);
                if (!Path.Exists(MailLayout.PlainFile(folder, name)) && !Path.Exists(Path.Combine(folder, name)) && !File.Exists(MailLayout.RawFile(folder, name))
                    && _reserved.Add(Slot(mailbox, name)))
                {
                    _last = (Slot(mailbox, stem), n);
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

    /// <summary>Writes the copy, unless it is there; what a crash left of one is written anew.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <returns>Whether the Markdown is what it would be now.</returns>
    public Task<bool> WriteAsync(QueuedMessage message) => _threads.RunAsync(() =>
    {
        if (_written.ContainsKey(message.Key))
        {
            return false;
        }

        var folder = layout.Mailbox(MailFolder.Sent, message.Mailbox!);
        bool isNew;
        lock (locks.Of(message.Mailbox!))
        {
            if (mailboxes.Find(message.Mailbox!) is not { } mailbox)
            {
                // It was deleted: what it has handed in leaves all the same, without a copy.
                return false;
            }

            DurableFiles.CreateDurableFolder(folder);
            DurableFiles.CreateDurableFolder(MailLayout.Raw(folder));
            isNew = WriteMarkdown(folder, mailbox, message);
            var raw = MailLayout.RawFile(folder, message.Stem!);
            if (!IsWhole(raw, message.Raw.Length))
            {
                Replace(raw, message.Raw);
            }

            _written[message.Key] = true;
        }

        return isNew;
    });

    /// <summary>The queue has these no more.</summary>
    public void Forget(IEnumerable<long> messages)
    {
        foreach (var message in messages)
        {
            _written.TryRemove(message, out _);
        }
    }

    /// <summary>Says in the copy where the message is; writes it where that has not been done. What its owner deleted or broke stays so.</summary>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public async Task UpdateAsync(QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients)
    {
        if (!_written.ContainsKey(message.Key) && await WriteAsync(message with { Recipients = recipients }))
        {
            return;
        }

        await _threads.RunAsync(() => Update(message.Mailbox!, message.Stem!, recipients));
    }

    /// <summary>Waits until all that was written is on the disk: one flush for every message that is finished.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public async Task FlushAsync() => await _flushing.RunAsync(() =>
    {
        FileSystems.Flush(layout.Folder(MailFolder.Sent));
        return true;
    });

    /// <summary>Finishes what is queued.</summary>
    public void Dispose()
    {
        _threads.Dispose();
        _flushing.Dispose();
    }

    private bool Update(string mailbox, string stem, IReadOnlyList<QueuedRecipient> recipients)
    {
        lock (locks.Of(mailbox))
        {
            if (new MailboxFolder(layout.Mailbox(MailFolder.Sent, mailbox)).Find(stem) is not { } file)
            {
                return false;
            }

            if (FrontmatterEdit.Apply(File.ReadAllBytes(file.Path), [.. DeliveryFields(recipients)]) is not { } edited)
            {
                return false;
            }

            Replace(file.Path, edited);
            return true;
        }
    }

    private static bool IsWhole(string path, long length) => new FileInfo(path) is { Exists: true } file && file.Length == length;

    /// <summary>A power cut may leave such a file empty, and nothing else that is no Markdown of ours.</summary>
    private static bool IsEmpty(string path) => new FileInfo(path) is { Exists: true, Length: 0 };

    private static void Replace(string path, byte[] content)
    {
        var staged = Path.Combine(Path.GetDirectoryName(path)!, MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
        WriteNew(staged, content);
        File.Move(staged, path, overwrite: true);
    }

    private static void WriteNew(string path, ReadOnlyMemory<byte> content)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None);
        File.SetUnixFileMode(file, FileMode0640);
        FolderOwner.Give(file, path);
        RandomAccess.Write(file, content.Span, 0);
    }

    private static bool WriteMarkdown(string folder, MailboxOptions mailbox, QueuedMessage message)
    {
        var content = MimeContent.Read(message.Raw);
        if (content.Attachments.Count == 0)
        {
            var file = MailLayout.PlainFile(folder, message.Stem!);
            if (File.Exists(file) && !IsEmpty(file))
            {
                return false;
            }

            Replace(file, Compose(mailbox, message, content, []));
            return true;
        }

        var final = Path.Combine(folder, message.Stem!);
        if (Directory.Exists(final) && !IsEmpty(MailLayout.FileWithAttachments(folder, message.Stem!)))
        {
            return false;
        }

        if (Directory.Exists(final))
        {
            Directory.Delete(final, recursive: true);
        }

        var staged = Path.Combine(folder, MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
        DurableFiles.CreateFolder(staged);
        var attachments = WriteAttachments(staged, message.Stem!, content);
        WriteNew(Path.Combine(staged, message.Stem + MailLayout.MessageExtension), Compose(mailbox, message, content, attachments));
        Directory.Move(staged, final);
        return true;
    }

    private static List<StoredAttachment> WriteAttachments(string folder, string stem, MessageContent content)
    {
        var names = new AttachmentNames(stem + MailLayout.MessageExtension);
        var stored = new List<StoredAttachment>();
        foreach (var attachment in content.Attachments)
        {
            var name = names.Take(attachment.FileName, attachment.Fallback);
            WriteNew(Path.Combine(folder, name), attachment.Bytes);
            stored.Add(new StoredAttachment(name, attachment.ContentType, attachment.Bytes.Length));
        }

        return stored;
    }

    private static byte[] Compose(MailboxOptions mailbox, QueuedMessage message, MessageContent content, IReadOnlyList<StoredAttachment> attachments)
    {
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
        yield return ("delivery_status", DeliveryStatus.Of(recipients));
        var delivered = recipients.Where(recipient => recipient.State == RecipientState.Delivered).Select(recipient => recipient.ChangedAt).ToList();
        yield return ("delivered_at", delivered.Count == recipients.Count ? delivered.Max() : null);
        var details = recipients.Where(recipient => recipient.Reply.Length > 0)
            .Select(recipient => $"{recipient.Address}: {recipient.State.ToString().ToLowerInvariant()}: {recipient.Reply}").ToList();
        yield return ("delivery_details", details.Count > 0 ? TomlArray.Of(details) : null);
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
}
