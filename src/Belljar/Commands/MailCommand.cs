using System.CommandLine;
using Belljar.Commands.Mail;

namespace Belljar.Commands;

/// <summary>Works on the mailboxes' files themselves; sending, and making mailboxes and hooks, asks the daemon.</summary>
internal static class MailCommand
{
    public static Command Create() => CommandTree.Create(
        "mail",
        "The mailboxes of this home: make, read, search, send, import, export; hooks; the queue; the domains' DNS, keys and ports.",
        "belljar mail list agent",
        MailList.Create(),
        MailShow.Create(),
        MailSearch.Create(),
        MailMailboxes.Create(),
        MailHooks.Create(),
        MailSend.Create(),
        MailQueueCommands.Create(),
        MailDkimKeygen.Create(),
        MailDns.Create(),
        MailPortcheck.Create(),
        MailImport.Create(),
        MailExport.Create(),
        MailReindex.Create());
}

/// <summary>One row of <c>mail list --json</c>; scripts rely on id, from, to, subject, date, read, trusted.</summary>
internal sealed record MessageRow(
    string Id, string From, string To, string Subject, DateTimeOffset Date, DateTimeOffset ReceivedAt, bool Read, string Trusted, int Attachments, string? Problem);

/// <summary>One row of <c>mail search --json</c>: a row of a listing, and where it lies.</summary>
internal sealed record FoundRow(string Mailbox, string Folder, MessageRow Message);

/// <summary>What <c>mail import</c>, <c>export</c> and <c>reindex</c> say with <c>--json</c>.</summary>
/// <param name="LeftOut">Folders of a Maildir that are mailboxes of their own.</param>
internal sealed record TransferResult(int Messages, string? Mailbox = null, string? Path = null, string[]? LeftOut = null);

/// <summary>One row of <c>mail mailboxes list --json</c>; scripts rely on name, address.</summary>
internal sealed record MailboxRow(string Name, string? Address, int Messages, int Unread);
