using Belljar.Mime.Headers;

namespace Belljar.Mime.Compose;

/// <summary>
/// A message to be written. Every text may hold any character: what a header cannot take is encoded, and control characters
/// become spaces, so that no value can add a field. Addresses must be valid (<see cref="MailAddress.IsValid"/>).
/// </summary>
public sealed record OutgoingMessage
{
    public required IReadOnlyList<MailAddress> From { get; init; }

    public MailAddress? Sender { get; init; }

    public IReadOnlyList<MailAddress> ReplyTo { get; init; } = [];

    public IReadOnlyList<MailAddress> To { get; init; } = [];

    public IReadOnlyList<MailAddress> Cc { get; init; } = [];

    public string Subject { get; init; } = "";

    public required DateTimeOffset Date { get; init; }

    /// <summary>Without angle brackets: <c>left@right</c>, no spaces.</summary>
    public required string MessageId { get; init; }

    /// <summary>Without angle brackets.</summary>
    public IReadOnlyList<string> InReplyTo { get; init; } = [];

    /// <summary>Oldest first, without angle brackets.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>Further fields, behind the others in this order; none that has a property here or begins with <c>Content-</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>The body. <see cref="OutgoingPart.Of"/> arranges the usual ones.</summary>
    public required OutgoingPart Body { get; init; }

    /// <summary>Boundaries are made from this and nothing else; null for the message id.</summary>
    public string? BoundarySeed { get; init; }

    /// <summary>An address has a local part beyond ASCII: the message can only go where SMTPUTF8 (RFC 6531) is spoken, and its header is UTF-8.</summary>
    public bool NeedsSmtpUtf8 => Addresses.Any(address => !System.Text.Ascii.IsValid(address.LocalPart));

    internal IEnumerable<MailAddress> Addresses => [.. From, .. Sender is null ? [] : new[] { Sender }, .. ReplyTo, .. To, .. Cc];

    /// <summary>The message's bytes, lines ending in CRLF; the same message always as the same bytes.</summary>
    /// <exception cref="ArgumentException">An address, an id or a field's name is not what it must be.</exception>
    public byte[] ToBytes() => new MessageWriter(this).Write();
}
