namespace Belljar.Protocols.Smtp;

public enum SmtpStepKind
{
    /// <summary>All input is taken: read more.</summary>
    NeedsInput,

    /// <summary>Send <see cref="SmtpStep.Reply"/> (with others, when more input is at hand: PIPELINING) and go on.</summary>
    Replied,

    /// <summary>The message is in the sink. Store it, then call <see cref="SmtpServerSession.Complete"/>.</summary>
    MessageComplete,

    /// <summary>
    /// Send <see cref="SmtpStep.Reply"/>, shake hands, then call <see cref="SmtpServerSession.TlsStarted"/>. When more input is
    /// at hand already, do not: give it to <see cref="SmtpServerSession.Advance"/>, which refuses it (RFC 3207 §6).
    /// </summary>
    StartTls,

    /// <summary>Send <see cref="SmtpStep.Reply"/>, if there is one, and close. No more input is read as commands.</summary>
    Close,
}

/// <summary>What the session wants done.</summary>
/// <param name="Verb">The command that was answered.</param>
/// <param name="Recipient">The forward-path that RCPT gave, accepted or not.</param>
public readonly record struct SmtpStep(SmtpStepKind Kind, SmtpReply? Reply = null, SmtpVerb Verb = SmtpVerb.None, SmtpAddress? Recipient = null);
