using System.Net;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Smtp;

/// <summary>Who receives, asked by one connection: it also pays for each message that its peer begins.</summary>
internal sealed class ConnectionRecipients(SmtpRecipients recipients, PeerRate rate, IPAddress remote) : ISmtpRecipients
{
    public SmtpReply? RefuseMail(SmtpAddress? sender) => rate.TryTake(remote) ? null : SmtpReplies.TooMuchMail;

    public SmtpReply Decide(SmtpAddress recipient, SmtpTransaction transaction) => recipients.Decide(recipient, transaction);
}
