using Belljar.Contracts.Wire;

namespace Belljar.Mail.LocalSocket;

/// <summary>Who may do what, by the kernel's word about the other end of the socket.</summary>
/// <param name="ownerOf">A mailbox's user number; null for one whose owner this machine does not know.</param>
internal sealed class MailboxAccess(Func<MailboxOptions, int?> ownerOf)
{
    private const int Root = 0;

    public bool May(PeerCredentials caller, MailboxOptions mailbox) => caller.Uid == Root || (caller.Uid >= 0 && ownerOf(mailbox) == caller.Uid);
}
