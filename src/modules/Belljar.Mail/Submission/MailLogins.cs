using System.Net;
using System.Security.Cryptography;
using System.Text;
using Belljar.Mail.Mailboxes;
using Belljar.Mail.Smtp;
using Belljar.Mail.Storage;
using Belljar.Protocols.Sasl;

namespace Belljar.Mail.Submission;

/// <summary>Who may log in: a mailbox that has a password, by its name or one of its addresses.</summary>
internal sealed class MailLogins(MailboxRegistry mailboxes, MailLayout layout, TimeProvider clock) : ISaslCredentials
{
    private const int FailuresOfOnePeerPerMinute = 5;

    private readonly LoginFiles _files = new(layout);
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

    /// <summary>A token for each failed login. This machine's users are counted too.</summary>
    public PeerRate Failures { get; } = new(FailuresOfOnePeerPerMinute, clock, countsThisMachine: true);

    public SaslCredential Find(string name)
    {
        var mailbox = mailboxes.Find(name) ?? mailboxes.Routes.Owner(name);
        return mailbox is not null && _files.Read(mailbox.Name) is { } verifier
            ? new SaslCredential(mailbox.Name, verifier)
            : new SaslCredential(null, ScramVerifier.OfNobody(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(name)).AsMemory(0, 16), LoginFiles.Iterations));
    }

    /// <returns>Null when it was deleted while its owner was logged in.</returns>
    public MailboxOptions? Mailbox(string identity) => mailboxes.Find(identity);

    /// <summary>Whether the address is one of the mailbox's own: its addresses, with a tag or without, and never by a catch-all.</summary>
    public bool Owns(string mailbox, string address) => mailboxes.Routes.Owner(address)?.Name == mailbox;

    public bool MayTry(IPAddress peer) => Failures.HasToken(peer);
}
