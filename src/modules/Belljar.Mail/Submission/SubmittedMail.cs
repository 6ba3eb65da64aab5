using Belljar.Mail.Outgoing;
using Belljar.Mail.Storage;
using Belljar.Protocols.Aimx;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Submission;

/// <summary>
/// Hands submitted mail to the one way by which mail leaves. A message with a recipient elsewhere takes that way for all of its
/// recipients: it is accepted for everybody or for nobody.
/// </summary>
internal sealed class SubmittedMail(OutgoingMail outgoing) : ISubmissionSink
{
    private const int LongestLine = 400;

    public SmtpReply Decide(MailboxOptions sender, SmtpTransaction transaction, SmtpAddress recipient) =>
        outgoing.Refuse(sender, transaction.ReversePath!, recipient) is { } refused ? Reply(refused) : SmtpReplies.RecipientOk;

    public async Task<SmtpReply> SubmitAsync(MailboxOptions sender, SmtpTransaction transaction, ReceivedMessage message, string hostName)
    {
        byte[] raw = [.. message.ReceivedField(hostName), .. message.Raw.Span];
        var options = new SubmitOptions { MaySendAs = mailbox => mailbox.Name == sender.Name };

        // No token: the client may be gone, and what it gave us is taken or refused all the same.
        var result = await outgoing.SubmitAsync(raw, message.EnvelopeFrom, [.. transaction.Recipients.Select(recipient => recipient.ToString())], options, CancellationToken.None);
        return result is SubmitResult.Refused refused ? Reply(refused.Error) : SmtpReplies.MessageAccepted;
    }

    /// <summary>What the operator can put right is worth another try; what the message's author must change is not.</summary>
    private static SmtpReply Reply(AimxError error) => error.Code switch
    {
        AimxErrorCode.Sign => SmtpReplies.SendingNotConfigured,
        AimxErrorCode.BodyTooLarge => SmtpReplies.MessageTooLarge,
        AimxErrorCode.Temporary => new SmtpReply(451, "4.7.1", Line(error)),
        AimxErrorCode.Malformed => new SmtpReply(554, "5.6.0", Line(error)),
        AimxErrorCode.Validation => new SmtpReply(554, "5.5.4", Line(error)),
        _ => new SmtpReply(550, "5.7.1", Line(error)),
    };

    /// <summary>A reply's line has 512 octets (RFC 5321 §4.5.3.1.5).</summary>
    private static string Line(AimxError error) => error.Reason.Length <= LongestLine ? error.Reason : error.Reason[..LongestLine];
}
