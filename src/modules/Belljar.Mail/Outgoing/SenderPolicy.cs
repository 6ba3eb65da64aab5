using System.IO.Enumeration;
using Belljar.Mail.Mailboxes;
using Belljar.Mail.Routing;
using Belljar.Protocols.Aimx;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Outgoing;

/// <summary>Who may write as whom, and to whom.</summary>
internal sealed class SenderPolicy(MailboxRegistry mailboxes, OutgoingOptions options)
{
    private readonly HashSet<string> _domains = [.. mailboxes.Options.Domains.Select(AddressPattern.Normal)];

    public bool IsLocal(string domain) => _domains.Contains(AddressPattern.Normal(domain));

    /// <summary>Domain first, then mailbox, then caller; a catch-all is nobody's address to write from.</summary>
    public MailboxOptions? FindSender(SmtpAddress from, Func<MailboxOptions, bool> maySendAs, out AimxError? error)
    {
        if (!IsLocal(from.Domain))
        {
            error = new AimxError(AimxErrorCode.Domain, $"{from.Domain} is not a domain of this server; its domains: {string.Join(", ", mailboxes.Options.Domains)}");
            return null;
        }

        if (mailboxes.Routes.Owner(from) is not { } mailbox)
        {
            error = new AimxError(AimxErrorCode.Mailbox, $"no mailbox has the address {from}; make one: belljar mail mailboxes create {from.LocalPart}");
            return null;
        }

        error = maySendAs(mailbox) ? null : new AimxError(AimxErrorCode.NoAccess, $"the mailbox {mailbox.Name} is not yours");
        return error is null ? mailbox : null;
    }

    /// <returns>Why this mailbox may not write to one of them; null when it may.</returns>
    public AimxError? Refuse(MailboxOptions mailbox, IReadOnlyList<SmtpAddress> recipients)
    {
        if (!options.AllowedRecipients.TryGetValue(mailbox.Name, out var globs))
        {
            return null;
        }

        var refused = recipients.FirstOrDefault(recipient => !globs.Any(glob => FileSystemName.MatchesSimpleExpression(glob, recipient.ToString(), ignoreCase: true)));
        return refused is null ? null : new AimxError(AimxErrorCode.Policy, $"send_to: the mailbox {mailbox.Name} may not write to {refused}");
    }
}
