using Belljar.Mail.Storage;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Submission;

/// <summary>Where submitted mail for other domains goes.</summary>
internal interface ISubmissionSink
{
    /// <summary>Asked at RCPT, so that a person hears of it while he still looks.</summary>
    /// <param name="sender">The mailbox that logged in.</param>
    /// <param name="recipient">In a domain that is not served here.</param>
    SmtpReply Decide(MailboxOptions sender, SmtpTransaction transaction, SmtpAddress recipient);

    /// <summary>Takes a message of which somebody in another domain is a recipient, for all of its recipients.</summary>
    /// <returns>A 250 makes us responsible for the delivery: the message is durable.</returns>
    Task<SmtpReply> SubmitAsync(MailboxOptions sender, SmtpTransaction transaction, ReceivedMessage message, string hostName);
}

/// <summary>Where nothing is sent.</summary>
internal sealed class NoSubmissionSink : ISubmissionSink
{
    public SmtpReply Decide(MailboxOptions sender, SmtpTransaction transaction, SmtpAddress recipient) => SmtpReplies.SendingNotConfigured;

    public Task<SmtpReply> SubmitAsync(MailboxOptions sender, SmtpTransaction transaction, ReceivedMessage message, string hostName) =>
        Task.FromResult(SmtpReplies.SendingNotConfigured);
}
