using Belljar.Contracts.Wire;
using Belljar.Mail.Storage;

namespace Belljar.Mail.LocalSocket;

/// <summary>Who may do what, by the kernel's word about the other end of the socket.</summary>
/// <param name="ownerOf">A mailbox's user number; null for one whose owner this machine does not know.</param>
internal sealed class MailboxAccess(Func<MailboxOptions, int?> ownerOf)
{
    private const int Root = 0;

    /// <summary>Who is configured as owner; a mailbox without one belongs to the user that the daemon runs as.</summary>
    public static int? OwnerOf(MailboxOptions mailbox) => mailbox.Owner switch
    {
        null => PeerCredentials.OwnUid,
        var name when UserNames.TryFind(name, out var user) => (int)user.Uid,
        _ => null,
    };

    /// <summary>Root, and the user that the daemon runs as: whoever may edit belljar.yaml.</summary>
    public static bool IsOperator(PeerCredentials caller) => caller.Uid == Root || caller.Uid == PeerCredentials.OwnUid;

    public bool May(PeerCredentials caller, MailboxOptions mailbox) => caller.Uid == Root || (caller.Uid >= 0 && ownerOf(mailbox) == caller.Uid);
}
