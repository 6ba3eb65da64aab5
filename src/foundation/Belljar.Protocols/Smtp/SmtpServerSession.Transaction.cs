using System.Text;

namespace Belljar.Protocols.Smtp;

// RFC 5321 §3.3: MAIL, RCPT, RSET, and what EHLO announces.
public sealed partial class SmtpServerSession
{
    private readonly SmtpReply _hello = new(250, null, options.HostName);

    private readonly SmtpReply _extensions = Extensions(options, options.OffersStartTls ? ["STARTTLS"] : []);

    /// <summary>Only what works is announced.</summary>
    private static SmtpReply Extensions(SmtpServerOptions options, params string[] more) => new(
        250,
        null,
        [options.HostName, "PIPELINING", $"SIZE {options.LargestMessage}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING", .. more]);

    private string[] Logins() => login is null ? [] : [$"AUTH {string.Join(' ', login.Mechanisms)}"];

    private SmtpReply AnswerMail(ReadOnlySpan<byte> argument)
    {
        if (HelloName is null)
        {
            return SmtpReplies.HelloFirst;
        }

        if (RefuseStranger() is { } stranger)
        {
            return stranger;
        }

        if (Transaction is not null)
        {
            return SmtpReplies.NestedMail;
        }

        if (!TrySkipWord(ref argument, "FROM:"u8))
        {
            return SmtpReplies.BadMailSyntax;
        }

        if (!SmtpPath.TryParse(ref argument, out var sender) || !IsEndOfPath(argument))
        {
            return SmtpReplies.BadSenderAddress;
        }

        if (SmtpMailParameters.Parse(argument, IsExtended, takesAuth: login is not null, out var parameters) is { } refusal)
        {
            return refusal;
        }

        if (parameters.Size > options.LargestMessage)
        {
            return SmtpReplies.MessageTooLarge;
        }

        if (sender is { IsAscii: false } && !parameters.SmtpUtf8)
        {
            return SmtpReplies.NeedsSmtpUtf8;
        }

        if (recipients.RefuseMail(sender) is { } refused)
        {
            return refused;
        }

        Transaction = new SmtpTransaction(sender, parameters);
        return SmtpReplies.SenderOk;
    }

    private SmtpStep AnswerRcpt(ReadOnlySpan<byte> argument)
    {
        var reply = ReadRcpt(argument, out var recipient);
        if (reply is null)
        {
            reply = recipients.Decide(recipient!, Transaction!);
            if (reply.IsPositive)
            {
                Transaction!.Add(recipient!);
            }
        }

        return new SmtpStep(SmtpStepKind.Replied, reply, SmtpVerb.Rcpt, recipient);
    }

    /// <returns>The refusal, or null when the recipient may be decided upon.</returns>
    private SmtpReply? ReadRcpt(ReadOnlySpan<byte> argument, out SmtpAddress? recipient)
    {
        recipient = null;
        if (Transaction is null)
        {
            return HelloName is null ? SmtpReplies.HelloFirst : SmtpReplies.MailFirst;
        }

        if (_chunksUnderWay)
        {
            return SmtpReplies.ChunksUnderWay;
        }

        if (!TrySkipWord(ref argument, "TO:"u8))
        {
            return SmtpReplies.BadRcptSyntax;
        }

        if (!SmtpPath.TryParse(ref argument, out recipient) || recipient is null || !IsEndOfPath(argument))
        {
            return SmtpReplies.BadRecipientAddress;
        }

        if (SmtpMailParameters.TryTake(ref argument, out _, out _, out var wellFormed))
        {
            return wellFormed ? SmtpReplies.UnknownParameter : SmtpReplies.BadParameter;
        }

        if (!recipient.IsAscii && !Transaction.Parameters.SmtpUtf8)
        {
            return SmtpReplies.NeedsSmtpUtf8;
        }

        return Transaction.Recipients.Count >= options.MostRecipients ? SmtpReplies.TooManyRecipients : null;
    }

    private SmtpStep AnswerRset()
    {
        EndTransaction();
        return Replied(SmtpReplies.Ok, SmtpVerb.Rset);
    }

    /// <summary>"FROM:" and then perhaps a space, which RFC 5321 §4.1.1.2 does not have and many senders do.</summary>
    private static bool TrySkipWord(ref ReadOnlySpan<byte> argument, ReadOnlySpan<byte> word)
    {
        if (argument.Length < word.Length || !Ascii.EqualsIgnoreCase(argument[..word.Length], word))
        {
            return false;
        }

        argument = argument[word.Length..].TrimStart((byte)' ');
        return true;
    }

    private static bool IsEndOfPath(ReadOnlySpan<byte> rest) => rest.IsEmpty || rest[0] == (byte)' ';
}
