using System.IO.Enumeration;
using Belljar.Mail.Routing;
using Belljar.Protocols.Aimx;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Outgoing;

/// <summary>Who may write as whom, and to whom.</summary>
internal sealed class SenderPolicy(MailOptions mail, OutgoingOptions options)
{
    private readonly HashSet<string> _domains = [.. mail.Domains.Select(AddressPattern.Normal)];

    private readonly Dictionary<AddressPattern, MailboxOptions> _mailboxes = mail.Mailboxes
        .SelectMany(mailbox => mailbox.Addresses, (mailbox, text) => (mailbox, address: AddressPattern.TryParse(text, out var address) ? address : default))
        .Where(pair => pair.address.LocalPart is not (null or AddressPattern.Everyone))
        .ToDictionary(pair => pair.address, pair => pair.mailbox);

    public bool IsLocal(string domain) => _domains.Contains(AddressPattern.Normal(domain));

    /// <summary>Domain first, then mailbox, then caller; a catch-all is nobody's address to write from.</summary>
    public MailboxOptions? FindSender(SmtpAddress from, Func<MailboxOptions, bool> maySendAs, out AimxError? error)
    {
        if (!IsLocal(from.Domain))
        {
            error = new AimxError(AimxErrorCode.Domain, $"{from.Domain} is not a domain of this server; its domains: {string.Join(", ", mail.Domains)}");
            return null;
        }

        if (FindConcrete(from) is not { } mailbox)
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

    private MailboxOptions? FindConcrete(SmtpAddress from)
    {
        var address = AddressPattern.Of(from);
        var plus = address.LocalPart.IndexOf('+', StringComparison.Ordinal);
        return _mailboxes.GetValueOrDefault(address)
            ?? (plus > 0 ? _mailboxes.GetValueOrDefault(address with { LocalPart = address.LocalPart[..plus] }) : null);
    }
}
