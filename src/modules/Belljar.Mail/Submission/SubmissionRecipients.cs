using Belljar.Mail.Smtp;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Submission;

/// <summary>What a person who logged in may send, and to whom.</summary>
/// <param name="inner">Decides about our own mailboxes.</param>
/// <param name="identity">Who logged in on this connection.</param>
internal sealed class SubmissionRecipients(ISmtpRecipients inner, MailLogins logins, ISubmissionSink outgoing, Func<string> identity) : ISmtpRecipients
{
    public SmtpReply? RefuseMail(SmtpAddress? sender) =>
        sender is null || !logins.Owns(identity(), sender.ToString()) ? SmtpReplies.NotYourAddress : inner.RefuseMail(sender);

    public SmtpReply Decide(SmtpAddress recipient, SmtpTransaction transaction)
    {
        var reply = inner.Decide(recipient, transaction);
        return !ReferenceEquals(reply, SmtpReplies.ForeignDomain) ? reply
            : logins.Mailbox(identity()) is { } sender ? outgoing.Decide(sender, transaction, recipient)
            : SmtpReplies.NotYourAddress;
    }
}
