namespace Belljar.Mail.Storage;

/// <summary>The two folders that a mailbox has.</summary>
public enum MailFolder
{
    Inbox,
    Sent,
}

/// <summary>
/// Where messages lie:
/// <code>
/// inbox/&lt;mailbox&gt;/&lt;stem&gt;.md              a message
/// inbox/&lt;mailbox&gt;/&lt;stem&gt;/&lt;stem&gt;.md, files   a message with attachments
/// inbox/&lt;mailbox&gt;/raw/&lt;stem&gt;.eml         its original bytes
/// </code>
/// A name that begins with a dot is not there yet, or was left by a crash.
/// </summary>
internal sealed record MailLayout(string Root)
{
    public const string MessageExtension = ".md";
    public const string RawExtension = ".eml";
    public const string TemporaryPrefix = ".tmp-";

    /// <summary>Where long messages wait while they arrive; worthless after a restart.</summary>
    public string Arriving => Path.Combine(Root, "arriving");

    /// <summary>What makes deliveries durable before their files are: see <see cref="Journals.DeliveryJournal"/>.</summary>
    public string Journal => Path.Combine(Root, "journal");

    /// <summary>Derived from the files; may be deleted at any time.</summary>
    public string Index => Path.Combine(Root, "index.db");

    /// <summary>Mailboxes and hooks that were made by command.</summary>
    public string MadeMailboxes => Path.Combine(Root, "mailboxes.json");

    /// <summary>Who was let wait, and who came again; worth one more try of each sender.</summary>
    public string Greylist => Path.Combine(Root, "greylist");

    /// <summary>What is kept of passwords.</summary>
    public string Logins => Path.Combine(Root, "logins");

    /// <summary>The self-signed certificate and its key.</summary>
    public string Tls => Path.Combine(Root, "tls");

    /// <summary>One folder a domain, and in it what is published of each signing key: <c>SELECTOR.txt</c>.</summary>
    public string SigningKeys => Path.Combine(Root, "dkim");

    public string Folder(MailFolder folder) => Path.Combine(Root, folder is MailFolder.Inbox ? "inbox" : "sent");

    public string Mailbox(MailFolder folder, string mailbox) => Path.Combine(Folder(folder), mailbox);

    public static string Raw(string mailboxFolder) => Path.Combine(mailboxFolder, "raw");

    public static string RawFile(string mailboxFolder, string stem) => Path.Combine(mailboxFolder, "raw", stem + RawExtension);

    public static string PlainFile(string mailboxFolder, string stem) => Path.Combine(mailboxFolder, stem + MessageExtension);

    public static string FileWithAttachments(string mailboxFolder, string stem) => Path.Combine(mailboxFolder, stem, stem + MessageExtension);
}
