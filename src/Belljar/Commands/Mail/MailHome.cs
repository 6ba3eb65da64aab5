using System.CommandLine;
using System.CommandLine.Completions;
using Belljar.Contracts;
using Belljar.Hosting;
using Belljar.Hosting.Settings;
using Belljar.Mail;
using Belljar.Mail.Indexing;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Store;

namespace Belljar.Commands.Mail;

/// <summary>What the verbs of <c>belljar mail</c> share: the home's mailboxes, and arguments that name one.</summary>
internal static class MailHome
{
    /// <summary>A reader over the files alone.</summary>
    public static MailReader Reader() => new(CommandTree.Paths().MailData, Options());

    /// <summary>With the mailboxes that were made by command.</summary>
    public static MailOptions Options()
    {
        var paths = CommandTree.Paths();
        return new SettingsLoader(SettingsCatalog.All).LoadOrExplain(paths.ConfigurationFile, ProcessEnvironment.All(), []).Get(MailSettings.Section).WithMade(paths.MailData);
    }

    /// <exception cref="OperatorException">This user may not write it, or it cannot be used.</exception>
    public static MailIndex Index()
    {
        try
        {
            return MailIndex.Open(CommandTree.Paths().MailData, TimeProvider.System);
        }
        catch (StoreException failed)
        {
            throw new OperatorException($"{failed.Message} The index is made from the messages; 'belljar mail reindex' makes it anew.");
        }
    }

    public static (MailReader Reader, string Mailbox) Open(string mailbox)
    {
        var reader = Reader();
        return (reader, Known(reader, mailbox));
    }

    /// <exception cref="UnknownNameException">There is no such mailbox: the known ones are named.</exception>
    public static string Known(MailReader reader, string mailbox) => reader.Exists(mailbox)
        ? mailbox
        : throw new UnknownNameException("mailbox", mailbox, reader.Names());

    public static MessageRow Row(MessageSummary message) => new(
        message.Id, message.From, message.To, message.Subject, message.Date ?? message.ReceivedAt, message.ReceivedAt, message.IsRead, message.Trusted,
        message.Attachments, message.Problem);

    public static Argument<string> Mailbox()
    {
        var mailbox = new Argument<string>("mailbox") { HelpName = "mailbox", Description = "the mailbox's name" };
        mailbox.CompletionSources.Add(_ => Reader().Names().Select(known => new CompletionItem(known)));
        return mailbox;
    }

    public static Option<MailFolder> Folder() => new("--folder") { Description = "inbox or sent", DefaultValueFactory = _ => MailFolder.Inbox };
}
