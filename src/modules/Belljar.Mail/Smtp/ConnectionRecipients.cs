using System.Net;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Smtp;

/// <summary>Who receives, asked by one connection: it also pays for each message that its peer begins.</summary>
/// <param name="greylist">Null: nobody waits.</param>
internal sealed class ConnectionRecipients(SmtpRecipients recipients, PeerRate peers, SenderRate senders, Greylist? greylist, IPAddress remote) : ISmtpRecipients
{
    public SmtpReply? RefuseMail(SmtpAddress? sender) =>
        !peers.TryTake(remote) ? SmtpReplies.TooMuchMail
        : !senders.TryTake(sender) ? SmtpReplies.TooMuchFromSender
        : null;

    public SmtpReply Decide(SmtpAddress recipient, SmtpTransaction transaction)
    {
        var reply = recipients.Decide(recipient, transaction);
        return reply.IsPositive && greylist?.Lets(remote, transaction.ReversePath, recipient) == false ? SmtpReplies.Greylisted : reply;
    }
}
