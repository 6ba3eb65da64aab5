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

/// <summary>Said once when nobody is left to be tried; after a crash at that moment perhaps twice.</summary>
/// <param name="Id">The sent copy's name within its mailbox (the file's stem).</param>
/// <param name="MessageId">Without angle brackets.</param>
/// <param name="EnvelopeFrom">The reverse-path.</param>
/// <param name="Status"><c>delivered</c>, <c>partial</c>, <c>failed</c> or <c>dropped</c>.</param>
/// <param name="SizeBytes">Size of the signed message.</param>
public sealed record MailSent(
    string Id, string MessageId, string Subject, string EnvelopeFrom, string Status, IReadOnlyList<MailSentRecipient> Recipients, long SizeBytes);

/// <param name="State"><c>delivered</c>, <c>failed</c>, <c>expired</c> or <c>dropped</c>.</param>
/// <param name="Reply">The other side's last words, or why there are none.</param>
public sealed record MailSentRecipient(string Address, string State, string Reply);

/// <param name="Hook">The hook's name within its mailbox.</param>
/// <param name="Id">The message that it was fired for.</param>
/// <param name="Outcome"><c>ok</c>, <c>failed</c>, <c>timeout</c>, <c>not_started</c>, <c>gone</c> (the message's file was) or <c>dropped</c> (too many waited).</param>
/// <param name="Code">A program's exit code, or an HTTP status; null when it did not come to that.</param>
/// <param name="DurationMs">Milliseconds.</param>
/// <param name="Output">The end of what the program wrote, on one line.</param>
/// <param name="Error">The end of what it wrote to its standard error, or why it was not started.</param>
public sealed record MailHook(string Hook, string Id, string Outcome, int? Code, long DurationMs, string Output, string Error);
