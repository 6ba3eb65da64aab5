using Belljar.Mail.Indexing;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Reading;

/// <summary>
/// Reads mailboxes from their files, as they are at this moment: written by the daemon, edited, added or removed by hand.
/// It changes nothing and needs no daemon. What is wrong with a file is said beside it and hides no other file.
/// </summary>
/// <param name="mailData">The folder that holds <c>inbox</c> and <c>sent</c>.</param>
/// <param name="options">Asked each time: mailboxes are made and deleted while somebody reads.</param>
/// <param name="index">
/// Spares reading files that did not change, and finds words. It is brought up to date before each answer, so that the
/// answer is the same without it. Null to read the files alone.
/// </param>
public sealed class MailReader(string mailData, Func<MailOptions> options, MailIndex? index = null)
{
    /// <summary>So few messages are read from their files sooner than every file is looked at.</summary>
    private const int FewMessages = 200;

    private readonly MailLayout _layout = new(mailData);

    /// <param name="options">Mailboxes that stay as they are.</param>
    public MailReader(string mailData, MailOptions options, MailIndex? index = null)
        : this(mailData, () => options, index)
    {
    }

    /// <summary>The configured mailboxes, in that order, then those that are on the disk alone.</summary>
    public IReadOnlyList<MailboxSummary> Mailboxes()
    {
        var known = options();
        var configured = known.Mailboxes.Select(mailbox => Summarise(mailbox.Name, mailbox.Address));
        var orphans = MailboxFolder.Names(_layout).Where(name => known.FindMailbox(name) is null).Select(name => Summarise(name, null));
        return [.. configured, .. orphans];
    }

    /// <summary>The names of those mailboxes; no message is looked at.</summary>
    public IReadOnlyList<string> Names() => [.. options().Mailboxes.Select(mailbox => mailbox.Name).Union(MailboxFolder.Names(_layout))];

    /// <summary>Whether the mailbox is configured or has files.</summary>
    public bool Exists(string mailbox) =>
        MailSettings.IsMailboxName(mailbox) && (options().FindMailbox(mailbox) is not null || MailboxFolder.Names(_layout).Contains(mailbox));

    /// <summary>Newest first.</summary>
    /// <param name="limit">At most so many; the files of older ones are not read.</param>
    /// <exception cref="ArgumentException">The name is none that a mailbox can have.</exception>
    public IReadOnlyList<MessageSummary> List(string mailbox, MailFolder folder = MailFolder.Inbox, int limit = int.MaxValue, bool unreadOnly = false)
    {
        var files = Open(mailbox, folder);
        if (index is not null && (unreadOnly || limit > FewMessages))
        {
            index.Refresh(mailbox, folder, progress: null, CancellationToken.None);
            return index.List(mailbox, folder, limit, unreadOnly);
        }

        var found = new List<MessageSummary>();
        foreach (var second in files.NewestFirst().GroupBy(file => file.Time))
        {
            found.AddRange(second
                .Select(MessageReading.Summarise)
                .OfType<MessageSummary>()
                .Where(message => !unreadOnly || !message.IsRead)
                .OrderByDescending(message => message.ReceivedAt)
                .ThenByDescending(message => message.Id, StringComparer.Ordinal));
            if (found.Count >= limit)
            {
                break;
            }
        }

        return found.Count > limit ? found[..limit] : found;
    }

    /// <returns>Null when there is no such message (or the id is none).</returns>
    /// <exception cref="ArgumentException">The mailbox's name is none that a mailbox can have.</exception>
    public StoredMessage? Show(string mailbox, string id, MailFolder folder = MailFolder.Inbox) =>
        MessageStem.IsSafe(id) && Open(mailbox, folder).Find(id) is { } file ? MessageReading.Read(file) : null;

    /// <summary>Messages of both folders that match, newest first.</summary>
    /// <param name="query">See <see cref="MailQuery"/>.</param>
    /// <param name="mailbox">Null for all.</param>
    /// <exception cref="InvalidOperationException">There is no index.</exception>
    /// <exception cref="Hosting.OperatorException">The query cannot be understood.</exception>
    public IReadOnlyList<FoundMessage> Search(string query, string? mailbox, int limit, CancellationToken ct)
    {
        var parsed = MailQuery.Parse(query);
        var searched = index ?? throw new InvalidOperationException("A search needs the index.");
        if (mailbox is null)
        {
            searched.RefreshAll(progress: null, ct);
        }
        else
        {
            searched.Refresh(mailbox, MailFolder.Inbox, progress: null, ct);
            searched.Refresh(mailbox, MailFolder.Sent, progress: null, ct);
        }

        return searched.Search(parsed, mailbox, limit, ct);
    }

    private MailboxSummary Summarise(string name, string? address)
    {
        if (index is not null)
        {
            index.Refresh(name, MailFolder.Inbox, progress: null, CancellationToken.None);
            var count = index.Count(name, MailFolder.Inbox);
            return new MailboxSummary(name, address, count.Messages, count.Unread);
        }

        var messages = List(name);
        return new MailboxSummary(name, address, messages.Count, messages.Count(message => !message.IsRead));
    }

    private MailboxFolder Open(string mailbox, MailFolder folder) => MailSettings.IsMailboxName(mailbox)
        ? new MailboxFolder(_layout.Mailbox(folder, mailbox))
        : throw new ArgumentException($"'{mailbox}' is not the name of a mailbox.", nameof(mailbox));
}
