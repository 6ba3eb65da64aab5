namespace Belljar.Protocols.Smtp;

/// <summary>A mail transaction (RFC 5321 §3.3): from MAIL until the message is answered.</summary>
/// <param name="ReversePath">Null for the null sender <c>&lt;&gt;</c>.</param>
public sealed record SmtpTransaction(SmtpAddress? ReversePath, SmtpMailParameters Parameters)
{
    private readonly List<SmtpAddress> _recipients = [];

    /// <summary>The accepted recipients, in the order in which they were given.</summary>
    public IReadOnlyList<SmtpAddress> Recipients => _recipients;

    internal void Add(SmtpAddress recipient) => _recipients.Add(recipient);
}
