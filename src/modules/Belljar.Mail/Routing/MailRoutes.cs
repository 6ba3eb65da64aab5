using System.Collections.Frozen;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Routing;

internal enum RouteKind
{
    Delivered,
    UnknownMailbox,
    ForeignDomain,
}

internal readonly record struct Route(RouteKind Kind, MailboxOptions? Mailbox);

/// <summary>Which mailbox an address belongs to: exactly, then without its <c>+tag</c>, then the domain's catch-all.</summary>
internal sealed class MailRoutes
{
    private readonly FrozenSet<string> _domains;
    private readonly FrozenDictionary<AddressPattern, MailboxOptions> _mailboxes;
    private readonly string _firstDomain;

    public MailRoutes(MailOptions options)
    {
        _firstDomain = AddressPattern.Normal(options.Domains[0]);
        _domains = options.Domains.Select(AddressPattern.Normal).ToFrozenSet();
        _mailboxes = options.Mailboxes
            .SelectMany(mailbox => mailbox.Addresses, (mailbox, address) => (mailbox, address))
            .ToFrozenDictionary(pair => Parse(pair.address), pair => pair.mailbox);
    }

    public Route Find(SmtpAddress recipient)
    {
        var address = AddressPattern.Of(recipient);
        if (address.Domain.Length == 0)
        {
            // <Postmaster> without a domain is ours (RFC 5321 §4.5.1).
            address = address with { Domain = _firstDomain };
        }

        if (!_domains.Contains(address.Domain))
        {
            return new Route(RouteKind.ForeignDomain, null);
        }

        // An address that says "*" is not the catch-all's name.
        var mailbox = (address.LocalPart == AddressPattern.Everyone ? null : _mailboxes.GetValueOrDefault(address))
            ?? FindWithoutTag(address)
            ?? _mailboxes.GetValueOrDefault(address with { LocalPart = AddressPattern.Everyone });
        return new Route(mailbox is null ? RouteKind.UnknownMailbox : RouteKind.Delivered, mailbox);
    }

    /// <summary>The mailbox whose own address this is, with a tag or without; a catch-all owns none.</summary>
    /// <param name="text">An address as text; null for what is none, or somebody else's.</param>
    public MailboxOptions? Owner(string text) => AddressPattern.TryParse(text, out var address) ? Owner(address) : null;

    /// <inheritdoc cref="Owner(string)"/>
    public MailboxOptions? Owner(SmtpAddress address) => Owner(AddressPattern.Of(address));

    private MailboxOptions? Owner(AddressPattern address) =>
        address.LocalPart != AddressPattern.Everyone && _domains.Contains(address.Domain)
            ? _mailboxes.GetValueOrDefault(address) ?? FindWithoutTag(address)
            : null;

    private MailboxOptions? FindWithoutTag(AddressPattern address)
    {
        var plus = address.LocalPart.IndexOf('+', StringComparison.Ordinal);
        return plus <= 0 || address.LocalPart[..plus] == AddressPattern.Everyone
            ? null
            : _mailboxes.GetValueOrDefault(address with { LocalPart = address.LocalPart[..plus] });
    }

    private static AddressPattern Parse(string address) => AddressPattern.TryParse(address, out var pattern)
        ? pattern
        : throw new ArgumentException($"'{address}' is not an address.", nameof(address));
}
