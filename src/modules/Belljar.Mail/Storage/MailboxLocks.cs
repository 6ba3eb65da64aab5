using System.Collections.Concurrent;

namespace Belljar.Mail.Storage;

/// <summary>One lock a mailbox, for whoever changes messages that are there already: no change is lost to another.</summary>
public sealed class MailboxLocks
{
    private readonly ConcurrentDictionary<string, Lock> _locks = new(StringComparer.Ordinal);

    public Lock Of(string mailbox) => _locks.GetOrAdd(mailbox, _ => new Lock());
}
