using System.Text;
using Belljar.Protocols.Smtp;

namespace Belljar.Protocols.SmtpClient;

/// <summary>One message: MAIL, RCPT, DATA.</summary>
public sealed partial class SmtpClientSession
{
    private SmtpEnvelope? _envelope;
    private SmtpRecipientResult?[] _results = [];
    private int _nextRecipient;
    private bool _isPipelined;
    private bool _needsReset;
    private bool _isEmptyData;

    /// <summary>One a recipient, in the envelope's order; empty before the first message is over.</summary>
    public IReadOnlyList<SmtpRecipientResult> Results { get; private set; } = [];

    /// <returns><see cref="SmtpClientStep.Completed"/> where the server has said already that it does not take such a message.</returns>
    /// <exception cref="ArgumentException">An address of the envelope has a line end in it.</exception>
    public SmtpClientStep Begin(SmtpEnvelope envelope)
    {
        Require(SmtpClientStep.Ready, SmtpClientStep.Completed);
        _envelope = envelope;
        _results = new SmtpRecipientResult?[envelope.Recipients.Count];
        _isEmptyData = false;
        _isPipelined = Capabilities.Pipelining;
        if (Unacceptable(envelope) is { } failure)
        {
            return Complete(new SmtpRecipientResult(SmtpVerdict.Permanent, SmtpPhase.Ready, null, failure));
        }

        for (var i = 0; i < _results.Length; i++)
        {
            if (!envelope.Recipients[i].Address.IsAscii && !Capabilities.SmtpUtf8)
            {
                _results[i] = new SmtpRecipientResult(SmtpVerdict.Permanent, SmtpPhase.Ready, null, SmtpClientFailure.NeedsSmtpUtf8);
            }
        }

        _nextRecipient = 0;
        if (!HasMoreRecipients())
        {
            return Complete(null);
        }

        if (_needsReset)
        {
            Say(SmtpPhase.Ready, "RSET");
            _needsReset = false;
            if (!_isPipelined)
            {
                return _step = SmtpClientStep.NeedsInput;
            }
        }

        SayMail();
        return _step = SmtpClientStep.NeedsInput;
    }

    /// <summary>The message and its final dot have been written.</summary>
    public void MessageSent()
    {
        Require(SmtpClientStep.SendMessage);
        _expected.Enqueue(new Expected(SmtpPhase.EndOfData));
        _step = SmtpClientStep.NeedsInput;
    }

    private SmtpClientFailure? Unacceptable(SmtpEnvelope envelope)
    {
        var needsUtf8 = envelope.IsUtf8 || envelope.From is { IsAscii: false };
        return needsUtf8 && !Capabilities.SmtpUtf8 ? SmtpClientFailure.NeedsSmtpUtf8
            : envelope.IsEightBit && !Capabilities.EightBitMime ? SmtpClientFailure.NeedsEightBitMime
            : envelope.Size > (Capabilities.LargestMessage ?? long.MaxValue) ? SmtpClientFailure.TooLarge
            : null;
    }

    private void SayMail()
    {
        Say(SmtpPhase.Mail, MailCommand(_envelope!));
        if (!_isPipelined)
        {
            return;
        }

        while (HasMoreRecipients())
        {
            SayRcpt();
        }

        Say(SmtpPhase.Data, "DATA");
    }

    private string MailCommand(SmtpEnvelope envelope)
    {
        var command = new StringBuilder($"MAIL FROM:<{envelope.From}>");
        if (Capabilities.Size)
        {
            command.Append(" SIZE=").Append(Number(envelope.Size));
        }

        if (envelope.IsEightBit)
        {
            command.Append(" BODY=8BITMIME");
        }

        if (envelope.IsUtf8 || envelope.From is { IsAscii: false } || envelope.Recipients.Any(recipient => Capabilities.SmtpUtf8 && !recipient.Address.IsAscii))
        {
            command.Append(" SMTPUTF8");
        }

        if (Capabilities.Dsn && envelope.WantsReports)
        {
            command.Append(" RET=HDRS").Append(envelope.EnvelopeId is { } id ? $" ENVID={Xtext(id)}" : "");
        }

        return command.ToString();
    }

    private bool HasMoreRecipients()
    {
        while (_nextRecipient < _results.Length && _results[_nextRecipient] is not null)
        {
            _nextRecipient++;
        }

        return _nextRecipient < _results.Length;
    }

    private void SayRcpt()
    {
        var recipient = _envelope!.Recipients[_nextRecipient];
        var command = new StringBuilder($"RCPT TO:<{recipient.Address}>");
        if (Capabilities.Dsn && _envelope.WantsReports)
        {
            command.Append(" NOTIFY=FAILURE,DELAY");
            if (recipient.OriginalRecipient is { } original && Ascii.IsValid(original))
            {
                command.Append(" ORCPT=rfc822;").Append(Xtext(original));
            }
        }

        Say(SmtpPhase.Rcpt, command.ToString(), _nextRecipient++);
    }

    /// <summary>RFC 3461, 4: printable ASCII but <c>+</c> and <c>=</c>, all else as <c>+XX</c>.</summary>
    private static string Xtext(string text) =>
        string.Concat(Encoding.ASCII.GetBytes(text).Select(octet => octet is > 32 and < 127 and not ((byte)'+' or (byte)'=') ? $"{(char)octet}" : $"+{octet:X2}"));

    private void TakeOfTransaction(Expected expected, SmtpServerReply reply)
    {
        switch (expected.Phase)
        {
            case SmtpPhase.Ready:
                TakeReset(reply);
                break;
            case SmtpPhase.Mail:
                TakeMail(reply);
                break;
            case SmtpPhase.Rcpt:
                TakeRcpt(expected.Recipient, reply);
                break;
            case SmtpPhase.Data:
                TakeData(reply);
                break;
            case SmtpPhase.EndOfData:
                TakeEndOfData(reply);
                break;
        }
    }

    private void TakeReset(SmtpServerReply reply)
    {
        if (!reply.IsPositive)
        {
            Close(SmtpClientFailure.ServiceClosing, reply);
        }
        else if (!_isPipelined)
        {
            SayMail();
        }
    }

    private void TakeMail(SmtpServerReply reply)
    {
        if (!reply.IsPositive)
        {
            FillWith(SmtpRecipientResult.Of(SmtpPhase.Mail, reply) with { Verdict = Refusal(reply) });
        }

        if (!_isPipelined)
        {
            SayNext();
        }
    }

    private void TakeRcpt(int recipient, SmtpServerReply reply)
    {
        if (!reply.IsPositive)
        {
            _results[recipient] ??= SmtpRecipientResult.Of(SmtpPhase.Rcpt, reply) with { Verdict = Refusal(reply) };
        }

        if (!_isPipelined)
        {
            SayNext();
        }
    }

    /// <summary>Without PIPELINING: one command, one reply.</summary>
    private void SayNext()
    {
        if (HasMoreRecipients())
        {
            SayRcpt();
        }
        else if (_results.Contains(null))
        {
            Say(SmtpPhase.Data, "DATA");
        }
        else
        {
            _needsReset = true;
            Complete(null);
        }
    }

    private void TakeData(SmtpServerReply reply)
    {
        var hasRecipients = _results.Contains(null);
        if (reply.Code == 354 && hasRecipients)
        {
            _step = SmtpClientStep.SendMessage;
        }
        else if (reply.Code == 354)
        {
            // Pipelined, and nobody is left: an empty message ends it (RFC 2920, 3.1), and what the server says of that is nobody's.
            _isEmptyData = true;
            Say(SmtpPhase.EndOfData, ".");
        }
        else
        {
            _needsReset = true;
            Complete(SmtpRecipientResult.Of(SmtpPhase.Data, reply) with { Verdict = Refusal(reply) });
        }
    }

    private void TakeEndOfData(SmtpServerReply reply)
    {
        _needsReset = !reply.IsPositive;
        Complete(_isEmptyData ? null : SmtpRecipientResult.Of(SmtpPhase.EndOfData, reply));
    }

    /// <summary>A reply that has no business here (354 to RCPT) is no promise: it may be different later.</summary>
    private static SmtpVerdict Refusal(SmtpServerReply reply) => reply.IsPermanent ? SmtpVerdict.Permanent : SmtpVerdict.Transient;

    private void FillWith(SmtpRecipientResult result)
    {
        for (var i = 0; i < _results.Length; i++)
        {
            _results[i] ??= result;
        }
    }

    private SmtpClientStep Complete(SmtpRecipientResult? rest)
    {
        if (rest is not null)
        {
            FillWith(rest);
        }

        Results = [.. _results.Select(result => result!)];
        _envelope = null;
        return _step = SmtpClientStep.Completed;
    }

    private void FinishWith(SmtpRecipientResult rest)
    {
        if (_envelope is not null)
        {
            Complete(rest);
        }
    }
}
