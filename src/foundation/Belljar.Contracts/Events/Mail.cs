namespace Belljar.Contracts.Events;

/// <param name="Id">The stored message's name within its mailbox (the file's stem).</param>
/// <param name="MessageId">The Message-ID field without angle brackets; null when the message had none.</param>
/// <param name="From">The From field as it will be listed.</param>
/// <param name="EnvelopeFrom">The reverse-path; empty for the null sender.</param>
/// <param name="RemoteAddress">The peer's IP address.</param>
/// <param name="SizeBytes">Size of the raw message as received.</param>
/// <param name="Trusted"><c>true</c>, <c>false</c> or <c>none</c> (the mailbox has no policy).</param>
public sealed record MailReceived(
    string Id, string? MessageId, string From, string Subject, string EnvelopeFrom, string RemoteAddress, long SizeBytes, string Trusted);

/// <param name="RemoteAddress">The peer's IP address.</param>
/// <param name="EnvelopeFrom">The reverse-path, when one was given.</param>
/// <param name="Recipient">The forward-path that was refused; null when the whole message was.</param>
/// <param name="Reply">The reply that was given: <c>550 5.1.1 …</c>.</param>
public sealed record MailRefused(string RemoteAddress, string? EnvelopeFrom, string? Recipient, string Reply);
