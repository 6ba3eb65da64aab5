using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Submission;

/// <summary>Where submitted mail for other domains goes: the place of the queue, which does not exist yet.</summary>
internal interface ISubmissionSink
{
    /// <param name="sender">The mailbox that logged in.</param>
    /// <param name="recipient">In a domain that is not served here.</param>
    /// <returns>A 250 makes whoever answers it responsible for the delivery.</returns>
    SmtpReply Decide(MailboxOptions sender, SmtpAddress recipient);
}

/// <summary>Nothing is sent: said at RCPT, so that a person sees it while he still looks.</summary>
internal sealed class NoSubmissionSink : ISubmissionSink
{
    public SmtpReply Decide(MailboxOptions sender, SmtpAddress recipient) => SmtpReplies.SendingNotConfigured;
}
