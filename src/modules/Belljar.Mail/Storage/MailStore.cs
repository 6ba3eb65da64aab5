using System.Collections.Frozen;
using System.Net;
using Belljar.Hosting;
using Belljar.Mail.Transfer;
using Microsoft.Extensions.Logging;

namespace Belljar.Mail.Storage;

/// <summary>
/// The one writer of the mailboxes' files. A delivery is durable in every mailbox that it is for, or in none.
/// </summary>
internal sealed partial class MailStore : IDisposable
{
    private const int Threads = 8;

    private readonly FrozenDictionary<string, Mailbox> _mailboxes;
    private readonly string _hostName;
    private readonly TimeProvider _clock;
    private readonly ILogger<MailStore> _logger;
    private readonly SocketLock _owner;
    private readonly StorageThreads _threads = new(Threads);

    private MailStore(MailLayout layout, MailOptions options, TimeProvider clock, ILogger<MailStore> logger, SocketLock owner)
    {
        Layout = layout;
        _hostName = options.HostName;
        _clock = clock;
        _logger = logger;
        _owner = owner;
        _mailboxes = options.Mailboxes.ToFrozenDictionary(
            mailbox => mailbox.Name, mailbox => new Mailbox(mailbox, layout.Mailbox(MailFolder.Inbox, mailbox.Name)));
    }

    public MailLayout Layout { get; }

    /// <summary>Makes the folders, and clears what a crash left half written.</summary>
    /// <exception cref="OperatorException">Another process writes here.</exception>
    public static MailStore Open(string root, MailOptions options, TimeProvider clock, ILogger<MailStore> logger)
    {
        Directory.CreateDirectory(root);
        var owner = SocketLock.Take(Path.Combine(root, "store"));
        try
        {
            var store = new MailStore(new MailLayout(root), options, clock, logger, owner);
            store.Prepare();
            return store;
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    public bool IsOverQuota(MailboxOptions mailbox, long more) => _mailboxes[mailbox.Name].IsOverQuota(more, _clock.GetUtcNow());

    /// <returns>The messages that were added (a duplicate is not); null when the message is stored nowhere and may be sent again.</returns>
    public Task<IReadOnlyList<DeliveredMessage>?> DeliverAsync(ReceivedMessage received, IReadOnlyList<Delivery> deliveries) =>
        _threads.RunAsync(() => Deliver(received, deliveries));

    /// <summary>Takes in a message from another program's files as it is, also when it is here already.</summary>
    /// <returns>The one message; null when it could not be stored.</returns>
    public Task<IReadOnlyList<DeliveredMessage>?> ImportAsync(ImportedMessage message, MailboxOptions mailbox)
    {
        var received = new ReceivedMessage(message.Raw, message.EnvelopeFrom, IPAddress.None, "", "", message.ReceivedAt)
        {
            IsImported = true,
            IsRead = message.IsRead,
            Labels = message.Labels,
        };
        return _threads.RunAsync(() => Deliver(received, [new Delivery(mailbox, [])]));
    }

    public void Dispose()
    {
        _threads.Dispose();
        _owner.Dispose();
    }

    private IReadOnlyList<DeliveredMessage>? Deliver(ReceivedMessage received, IReadOnlyList<Delivery> deliveries)
    {
        var writes = new List<MessageWrite>();
        var stored = false;
        try
        {
            stored = TryReserve(received, deliveries, writes);
            if (stored)
            {
                writes.ForEach(write => write.Stage(_hostName));
                writes.ForEach(write => write.Commit());
                writes.ForEach(write => write.Sync());
            }
        }
        catch (Exception failed)
        {
            stored = false;
            LogNotStored(failed, string.Join(", ", deliveries.Select(delivery => delivery.Mailbox.Name)));
        }

        if (!stored)
        {
            writes.ForEach(write => write.Undo());
        }

        var now = _clock.GetUtcNow();
        writes.ForEach(write => write.Mailbox.Release(write.Reservation, stored, write.Size, now));
        return stored ? [.. writes.Select(write => write.Delivered)] : null;
    }

    /// <returns>False when one of the mailboxes is storing the same message right now, so that nobody knows yet whether it is a duplicate.</returns>
    private bool TryReserve(ReceivedMessage received, IReadOnlyList<Delivery> deliveries, List<MessageWrite> writes)
    {
        var content = MimeContent.Read(received.Raw);
        var stem = MessageStem.Of(received.ReceivedAt, content.Subject);
        var key = received.IsImported ? null : MessageKey.Of(content);
        foreach (var delivery in deliveries)
        {
            var mailbox = _mailboxes[delivery.Mailbox.Name];
            switch (mailbox.Reserve(stem, key, received.ReceivedAt, out var reservation))
            {
                case Novelty.New:
                    writes.Add(new MessageWrite(mailbox, reservation!, delivery, received, content));
                    break;
                case Novelty.UnderWay:
                    return false;
                case Novelty.Duplicate:
                    LogDuplicate(mailbox.Options.Name);
                    break;
            }
        }

        return true;
    }

    private void Prepare()
    {
        foreach (var folder in Enum.GetValues<MailFolder>())
        {
            DurableFiles.CreateDurableFolder(Layout.Folder(folder));
        }

        DurableFiles.CreateFolder(Layout.Arriving);
        Sweep(Layout.Arriving, "*");
        foreach (var mailbox in _mailboxes.Values)
        {
            DurableFiles.CreateDurableFolder(mailbox.Folder);
            DurableFiles.CreateDurableFolder(MailLayout.Raw(mailbox.Folder));
            Sweep(mailbox.Folder, MailLayout.TemporaryPrefix + "*");
            Sweep(MailLayout.Raw(mailbox.Folder), MailLayout.TemporaryPrefix + "*");
        }

        GrantToOwners();
    }

    /// <summary>A file system without access control lists keeps mail from its owners, not from us.</summary>
    private void GrantToOwners()
    {
        uint[] owners = [.. _mailboxes.Values.Select(mailbox => OwnerOf(mailbox.Options)).OfType<uint>()];
        if (owners is not [])
        {
            TryGrant(() => OwnerAccess.Pass(Layout.Root, owners));
            TryGrant(() => OwnerAccess.Pass(Layout.Folder(MailFolder.Inbox), owners));
        }

        foreach (var mailbox in _mailboxes.Values)
        {
            TryGrant(() => OwnerAccess.Grant(mailbox.Folder, OwnerOf(mailbox.Options)));
        }
    }

    private void TryGrant(Action grant)
    {
        try
        {
            grant();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogNotGranted(failed);
        }
    }

    private static uint? OwnerOf(MailboxOptions mailbox) => mailbox.Owner is { } name && UserNames.TryFind(name, out var user) ? user.Uid : null;

    /// <summary>Nobody else writes here while the lock is held, so what is temporary was left by a crash.</summary>
    private static void Sweep(string folder, string pattern)
    {
        foreach (var left in new DirectoryInfo(folder).EnumerateFileSystemInfos(pattern))
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

    [LoggerMessage(Level = LogLevel.Error, Message = "a message for {Mailboxes} could not be stored; its sender was told to try again")]
    private partial void LogNotStored(Exception failed, string mailboxes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the mailboxes' owners could not be given access to their files")]
    private partial void LogNotGranted(Exception failed);

    [LoggerMessage(Level = LogLevel.Debug, Message = "a duplicate for {Mailbox} was accepted and not stored again")]
    private partial void LogDuplicate(string mailbox);
}
