using Belljar.Mail.Storage.Journals;

namespace Belljar.Mail.Storage;

/// <summary>
/// One message on its way into one mailbox:
/// <code>
/// Stage    raw/.tmp-x.eml, .tmp-x.md (or .tmp-x/ with everything in it); each fsynced, unless the journal has it
/// Commit   rename to raw/STEM.eml, then to STEM.md (or STEM/): from here on it is listed
/// Sync     fsync of both folders: from here on it survives the power going; the journal's messages do already
/// Undo     takes away whatever of this was done
/// </code>
/// </summary>
internal sealed class MessageWrite(Mailbox mailbox, Reservation reservation, Delivery delivery, ReceivedMessage received, MessageContent content)
{
    private readonly string _temporary = MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N");

    // What is not ours is not undone: a name that somebody made by hand in between makes the rename fail.
    private bool _isRawCommitted;
    private bool _isCommitted;

    private byte[] _trace = [];
    private byte[] _head = [];
    private bool _isSynced;

    public Mailbox Mailbox => mailbox;

    public Reservation Reservation => reservation;

    /// <summary>Bytes written.</summary>
    public long Size { get; private set; }

    public string Trusted { get; } = received.Trusted(mailbox.Options);

    private string Folder => mailbox.Folder;

    private string Stem => reservation.Stem;

    private string StagedRaw => Path.Combine(MailLayout.Raw(Folder), _temporary + MailLayout.RawExtension);

    private bool HasAttachments => content.Attachments.Count > 0;

    /// <summary>The file, or the folder of a message with attachments.</summary>
    private string Staged => Path.Combine(Folder, HasAttachments ? _temporary : _temporary + MailLayout.MessageExtension);

    private string Final => HasAttachments ? Path.Combine(Folder, Stem) : MailLayout.PlainFile(Folder, Stem);

    /// <summary>What the journal must hold of it. Staged before.</summary>
    public JournalEntry Entry => new(Path.Combine(Path.GetFileName(Path.GetDirectoryName(Folder)!), Path.GetFileName(Folder)), Stem, _trace, _head);

    public DeliveredMessage Delivered => new(mailbox.Options.Name, Stem, content, Trusted);

    /// <param name="synced">False when the journal makes it durable.</param>
    public void Stage(string hostName, bool synced)
    {
        _isSynced = synced;
        _trace = received.IsImported ? [] : received.TraceFields(hostName, delivery.DeliveredTo[0], _temporary[MailLayout.TemporaryPrefix.Length..]);
        Write(StagedRaw, _trace, received.Raw);
        if (!HasAttachments)
        {
            WriteMessage(Staged, []);
            return;
        }

        DurableFiles.CreateFolder(Staged);
        var attachments = WriteAttachments();
        WriteMessage(Path.Combine(Staged, Stem + MailLayout.MessageExtension), attachments);
        if (synced)
        {
            DurableFiles.SyncFolder(Staged);
        }
    }

    /// <summary>The raw message first: whoever sees the message finds its original too.</summary>
    public void Commit()
    {
        DurableFiles.Rename(StagedRaw, MailLayout.RawFile(Folder, Stem));
        _isRawCommitted = true;
        DurableFiles.Rename(Staged, Final);
        _isCommitted = true;
    }

    public void Sync()
    {
        if (_isSynced)
        {
            DurableFiles.SyncFolder(MailLayout.Raw(Folder));
            DurableFiles.SyncFolder(Folder);
        }
    }

    /// <summary>Goes as far as it can; what the disk keeps all the same is a temporary name that nobody lists, or a whole message.</summary>
    public void Undo()
    {
        Remove(_isCommitted ? Final : Staged);
        Remove(_isRawCommitted ? MailLayout.RawFile(Folder, Stem) : StagedRaw);
    }

    private static void Remove(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // The delivery is answered with 451 either way.
        }
    }

    private void WriteMessage(string path, IReadOnlyList<StoredAttachment> attachments)
    {
        _head = MessageFile.Head(MessageFile.Frontmatter(Stem, received, content, delivery, Trusted, attachments));
        Write(path, _head, MessageFile.Body(content.Body));
    }

    private List<StoredAttachment> WriteAttachments()
    {
        var names = new AttachmentNames(Stem + MailLayout.MessageExtension);
        var stored = new List<StoredAttachment>();
        foreach (var attachment in content.Attachments)
        {
            var name = names.Take(attachment.FileName, attachment.Fallback);
            Write(Path.Combine(Staged, name), attachment.Bytes);
            stored.Add(new StoredAttachment(name, attachment.ContentType, attachment.Bytes.Length));
        }

        return stored;
    }

    private void Write(string path, params ReadOnlyMemory<byte>[] content)
    {
        if (_isSynced)
        {
            DurableFiles.Write(path, content);
        }
        else
        {
            DurableFiles.WriteUnsynced(path, content);
        }

        Size += content.Sum(part => (long)part.Length);
    }
}
