using System.CommandLine;
using Belljar.Commands.Mail;

namespace Belljar.Commands;

/// <summary>Works on the mailboxes' files themselves; no daemon is asked.</summary>
internal static class MailCommand
{
    public static Command Create() => CommandTree.Create(
        "mail",
        "Read, search, import and export the mailboxes of this home.",
        "belljar mail list agent",
        MailList.Create(),
        MailShow.Create(),
        MailSearch.Create(),
        MailMailboxes.Create(),
        MailImport.Create(),
        MailExport.Create(),
        MailReindex.Create());
}

/// <summary>One row of <c>mail list --json</c>; scripts rely on id, from, to, subject, date, read, trusted.</summary>
internal sealed record MessageRow(
    string Id, string From, string To, string Subject, DateTimeOffset Date, DateTimeOffset ReceivedAt, bool Read, string Trusted, int Attachments, string? Problem);

/// <summary>One row of <c>mail search --json</c>: a row of a listing, and where it lies.</summary>
internal sealed record FoundRow(string Mailbox, string Folder, MessageRow Message);

/// <summary>One row of <c>mail mailboxes list --json</c>; scripts rely on name, address.</summary>
internal sealed record MailboxRow(string Name, string? Address, int Messages, int Unread);
