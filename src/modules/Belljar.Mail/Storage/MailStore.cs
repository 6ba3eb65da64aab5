using System.Collections.Concurrent;
using System.Net;
using Belljar.Hosting;
using Belljar.Mail.Storage.Journals;
using Belljar.Mail.Transfer;
using Microsoft.Extensions.Logging;

namespace Belljar.Mail.Storage;

/// <summary>
/// The one writer of the mailboxes' files. A delivery is durable in every mailbox that it is for, or in none.
/// </summary>
internal sealed partial class MailStore : IDisposable
{
    private const int Threads = 4;

    private readonly ConcurrentDictionary<string, Mailbox> _mailboxes;
    private readonly string _hostName;
    private readonly TimeProvider _clock;
    private readonly ILogger<MailStore> _logger;
    private readonly SocketLock _owner;
    private readonly StorageThreads _threads = new(Threads);
    private readonly CountdownEvent _inHand = new(1);
    private readonly DeliveryJournal _journal;

    private MailStore(MailLayout layout, MailOptions options, TimeProvider clock, ILogger<MailStore> logger, SocketLock owner, string boot, int journalCapacity)
    {
        Layout = layout;
        _hostName = options.HostName;
        _clock = clock;
        _logger = logger;
        _owner = owner;
        _mailboxes = new(options.Mailboxes.ToDictionary(mailbox => mailbox.Name, NewMailbox), StringComparer.Ordinal);
        Prepare();
        _journal = DeliveryJournal.Open(layout, boot, journalCapacity, clock, logger);
    }

    public MailLayout Layout { get; }

    /// <summary>Makes the folders, and clears what a crash left half written.</summary>
    /// <exception cref="OperatorException">Another process writes here.</exception>
    public static MailStore Open(string root, MailOptions options, TimeProvider clock, ILogger<MailStore> logger) =>
        Open(root, options, clock, logger, File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), DeliveryJournal.Capacity);

    /// <param name="boot">What names this boot of the machine.</param>
    public static MailStore Open(string root, MailOptions options, TimeProvider clock, ILogger<MailStore> logger, string boot, int journalCapacity)
    {
        Directory.CreateDirectory(root);
        var owner = SocketLock.Take(Path.Combine(root, "store"));
        try
        {
            return new MailStore(new MailLayout(root), options, clock, logger, owner, boot, journalCapacity);
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    /// <summary>A mailbox that has gone meanwhile is not full; storing in it says so.</summary>
    public bool IsOverQuota(MailboxOptions mailbox, long more) => _mailboxes.TryGetValue(mailbox.Name, out var found) && found.IsOverQuota(more, _clock.GetUtcNow());

    /// <summary>Makes a mailbox's folders and stores into them from now on.</summary>
    /// <returns>False when something is in the way: a file, a link, or messages of an earlier mailbox, which are not its owner's to read.</returns>
    /// <exception cref="IOException">The folders cannot be made.</exception>
    public bool TryAdd(MailboxOptions options)
    {
        if (Enum.GetValues<MailFolder>().Any(folder => !IsFree(Layout.Mailbox(folder, options.Name))))
        {
            return false;
        }

        var mailbox = NewMailbox(options);
        MakeFolders(mailbox);
        _mailboxes[options.Name] = mailbox;
        GrantToOwners();
        return true;
    }

    /// <summary>Nothing is stored there any more.</summary>
    /// <returns>False when mail is arriving at this moment.</returns>
    public bool TryClose(string mailbox) => !_mailboxes.TryGetValue(mailbox, out var found) || found.TryClose();

    /// <summary>Takes back <see cref="TryClose"/>.</summary>
    public void Reopen(string mailbox) => _mailboxes[mailbox].Reopen();

    /// <summary>Forgets a closed mailbox and removes its files. From the first step on they are nobody's; what a crash leaves is swept.</summary>
    /// <exception cref="IOException">Not all of them could be removed.</exception>
    public void Remove(string mailbox)
    {
        _mailboxes.TryRemove(mailbox, out _);
        foreach (var folder in Enum.GetValues<MailFolder>())
        {
            var path = Layout.Mailbox(folder, mailbox);
            if (Directory.Exists(path))
            {
                var gone = Path.Combine(Layout.Folder(folder), MailLayout.TemporaryPrefix + Guid.NewGuid().ToString("N"));
                Directory.Move(path, gone);
                DurableFiles.SyncFolder(Layout.Folder(folder));
                Directory.Delete(gone, recursive: true);
            }
        }
    }

    /// <summary>Whether it has any file: messages, or what its owner or the operator put there.</summary>
    public bool HasFiles(string mailbox) => Enum.GetValues<MailFolder>().Select(folder => Layout.Mailbox(folder, mailbox)).Any(path => Directory.Exists(path) && !IsFree(path));

    /// <returns>The messages that were added (a duplicate is not); null when the message is stored nowhere and may be sent again.</returns>
    public Task<IReadOnlyList<DeliveredMessage>?> DeliverAsync(ReceivedMessage received, IReadOnlyList<Delivery> deliveries)
    {
        var order = new StoreOrder(received, deliveries);
        _inHand.AddCount();
        _threads.Run(() => Stage(order));
        return order.Stored;
    }

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
        return DeliverAsync(received, [new Delivery(mailbox, [])]);
    }

    /// <summary>What is in hand is stored first.</summary>
    public void Dispose()
    {
        _inHand.Signal();
        _inHand.Wait();
        _threads.Dispose();
        _journal.Dispose();
        _inHand.Dispose();
        _owner.Dispose();
    }

    /// <summary>First half, up to the files under temporary names; the second one begins when the journal has the message.</summary>
    private void Stage(StoreOrder order)
    {
        try
        {
            if (!TryReserve(order.Received, order.Deliveries, order.Writes))
            {
                Finish(order, stored: false);
                return;
            }

            var isJournalled = order.Writes.Count > 0 && order.Received.Raw.Length < DeliveryJournal.LongestRecord / 2 && !_journal.IsLost;
            order.Writes.ForEach(write => write.Stage(_hostName, synced: !isJournalled));
            if (isJournalled)
            {
                var record = JournalRecord.Create([.. order.Writes.Select(write => write.Entry)], order.Received.Raw);
                _journal.Append(record, generation => _threads.Run(() => Commit(order, generation)));
                return;
            }
        }
        catch (Exception failed)
        {
            LogNotStored(failed, Names(order));
            Finish(order, stored: false);
            return;
        }

        Commit(order, generation: null);
    }

    /// <param name="generation">Of the journal that has it; 0: it could not be written; null: it syncs its own files.</param>
    private void Commit(StoreOrder order, long? generation)
    {
        var stored = false;
        try
        {
            if (generation is not 0)
            {
                order.Writes.ForEach(write => write.Commit());
                order.Writes.ForEach(write => write.Sync());
                stored = true;
            }
        }
        catch (Exception failed)
        {
            LogNotStored(failed, Names(order));
        }

        Finish(order, stored);
        if (generation is > 0 and var taken)
        {
            _journal.Settle(taken);
        }
    }

    private void Finish(StoreOrder order, bool stored)
    {
        if (!stored)
        {
            order.Writes.ForEach(write => write.Undo());
        }

        var now = _clock.GetUtcNow();
        order.Writes.ForEach(write => write.Mailbox.Release(write.Reservation, stored, write.Size, now));
        order.Finish(stored);
        _inHand.Signal();
    }

    private static string Names(StoreOrder order) => string.Join(", ", order.Deliveries.Select(delivery => delivery.Mailbox.Name));

    /// <returns>False when one of the mailboxes is storing the same message right now, so that nobody knows yet whether it is a duplicate.</returns>
    private bool TryReserve(ReceivedMessage received, IReadOnlyList<Delivery> deliveries, List<MessageWrite> writes)
    {
        var content = MimeContent.Read(received.Raw);
        var stem = MessageStem.Of(received.ReceivedAt, content.Subject);
        var key = received.IsImported ? null : MessageKey.Of(content);
        foreach (var delivery in deliveries)
        {
            if (!_mailboxes.TryGetValue(delivery.Mailbox.Name, out var mailbox))
            {
                return false;
            }

            switch (mailbox.Reserve(stem, key, received.ReceivedAt, out var reservation))
            {
                case Novelty.New:
                    writes.Add(new MessageWrite(mailbox, reservation!, delivery, received, content));
                    break;
                case Novelty.UnderWay or Novelty.Closed:
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
            Sweep(Layout.Folder(folder), MailLayout.TemporaryPrefix + "*");
        }

        DurableFiles.CreateFolder(Layout.Arriving);
        Sweep(Layout.Arriving, "*");
        foreach (var mailbox in _mailboxes.Values)
        {
            MakeFolders(mailbox);
            Sweep(mailbox.Folder, MailLayout.TemporaryPrefix + "*");
            Sweep(MailLayout.Raw(mailbox.Folder), MailLayout.TemporaryPrefix + "*");
        }

        GrantToOwners();
    }

    private Mailbox NewMailbox(MailboxOptions options) => new(options, Layout.Mailbox(MailFolder.Inbox, options.Name));

    private void MakeFolders(Mailbox mailbox)
    {
        foreach (var folder in new[] { mailbox.Folder, Layout.Mailbox(MailFolder.Sent, mailbox.Options.Name) })
        {
            DurableFiles.CreateDurableFolder(folder);
            DurableFiles.CreateDurableFolder(MailLayout.Raw(folder));
        }
    }

    /// <summary>Nothing, or what a crash between making the folders and writing down their mailbox left.</summary>
    private static bool IsFree(string folder) =>
        !Path.Exists(folder) && new FileInfo(folder).LinkTarget is null
        || new DirectoryInfo(folder) is { Exists: true, LinkTarget: null } there
            && there.EnumerateFileSystemInfos().All(entry => entry is DirectoryInfo { Name: "raw", LinkTarget: null } raw && !raw.EnumerateFileSystemInfos().Any());

    /// <summary>A file system without access control lists keeps mail from its owners, not from us.</summary>
    private void GrantToOwners()
    {
        uint[] owners = [.. _mailboxes.Values.Select(mailbox => OwnerOf(mailbox.Options)).OfType<uint>()];
        if (owners is not [])
        {
            TryGrant(() => OwnerAccess.Pass(Layout.Root, owners));
            TryGrant(() => OwnerAccess.Pass(Layout.Folder(MailFolder.Inbox), owners));
            TryGrant(() => OwnerAccess.Pass(Layout.Folder(MailFolder.Sent), owners));
        }

        foreach (var mailbox in _mailboxes.Values)
        {
            TryGrant(() => OwnerAccess.Grant(mailbox.Folder, OwnerOf(mailbox.Options)));
            TryGrant(() => OwnerAccess.Grant(Layout.Mailbox(MailFolder.Sent, mailbox.Options.Name), OwnerOf(mailbox.Options)));
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
