using System.Net;
using System.Security.Cryptography;
using System.Text;
using Belljar.Mail.Routing;
using Belljar.Mail.Smtp;
using Belljar.Mail.Storage;
using Belljar.Protocols.Sasl;

namespace Belljar.Mail.Submission;

/// <summary>Who may log in: a mailbox that has a password, by its name or one of its addresses.</summary>
internal sealed class MailLogins(MailOptions options, MailLayout layout, TimeProvider clock) : ISaslCredentials
{
    private const int FailuresOfOnePeerPerMinute = 5;

    private readonly LoginFiles _files = new(layout);
    private readonly MailRoutes _routes = new(options);
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

    /// <summary>A token for each failed login. This machine's users are counted too.</summary>
    public PeerRate Failures { get; } = new(FailuresOfOnePeerPerMinute, clock, countsThisMachine: true);

    public SaslCredential Find(string name)
    {
        var mailbox = options.FindMailbox(name) ?? _routes.Owner(name);
        return mailbox is not null && _files.Read(mailbox.Name) is { } verifier
            ? new SaslCredential(mailbox.Name, verifier)
            : new SaslCredential(null, ScramVerifier.OfNobody(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(name)).AsMemory(0, 16), LoginFiles.Iterations));
    }

    public MailboxOptions Mailbox(string identity) => options.FindMailbox(identity)!;

    /// <summary>Whether the address is one of the mailbox's own: its addresses, with a tag or without, and never by a catch-all.</summary>
    public bool Owns(MailboxOptions mailbox, string address) => _routes.Owner(address) == mailbox;

    public bool MayTry(IPAddress peer) => Failures.HasToken(peer);
}
