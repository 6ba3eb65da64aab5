namespace Belljar.Protocols.Smtp;

/// <summary>Who receives here. Asked once for each RCPT, on the connection's own thread of work, so it answers from memory.</summary>
public interface ISmtpRecipients
{
    /// <summary>Whether this sender may begin a message now; asked once for each MAIL that is otherwise in order.</summary>
    /// <param name="sender">Null for the null sender.</param>
    /// <returns>The refusal, or null.</returns>
    SmtpReply? RefuseMail(SmtpAddress? sender) => null;

    /// <param name="recipient">The forward-path; its domain is empty for <c>&lt;Postmaster&gt;</c>.</param>
    /// <param name="transaction">The message so far: sender, announced size, recipients already accepted.</param>
    /// <returns>
    /// <see cref="SmtpReplies.RecipientOk"/> (or another 250) to accept; <see cref="SmtpReplies.UnknownMailbox"/>,
    /// <see cref="SmtpReplies.ForeignDomain"/>, <see cref="SmtpReplies.MailboxOverQuota"/> or any other refusal.
    /// </returns>
    SmtpReply Decide(SmtpAddress recipient, SmtpTransaction transaction);
}
