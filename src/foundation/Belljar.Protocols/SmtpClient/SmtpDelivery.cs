namespace Belljar.Protocols.SmtpClient;

/// <summary>Where in the conversation something was said.</summary>
public enum SmtpPhase
{
    Greeting,
    Hello,
    StartTls,
    Login,
    Ready,
    Mail,
    Rcpt,
    Data,
    EndOfData,
    Quit,
}

/// <summary>Why a conversation ended, or could not begin, before the server answered what it was asked.</summary>
public enum SmtpClientFailure
{
    /// <summary>The server closed, or said 421.</summary>
    ServiceClosing,

    /// <summary>What came is no reply.</summary>
    MalformedReply,

    /// <summary>A reply to nothing: whoever sends it answers commands that are still to come.</summary>
    ReplyBeforeCommand,

    /// <summary>Bytes came with the reply to STARTTLS, in the clear, which would be read as if they came inside.</summary>
    BytesBehindStartTls,

    /// <summary>The greeting was not 220.</summary>
    GreetingRefused,

    /// <summary>EHLO and HELO were refused.</summary>
    HelloRefused,

    /// <summary>TLS is required and not offered.</summary>
    TlsNotOffered,

    /// <summary>TLS is required and STARTTLS was refused.</summary>
    TlsRefused,

    /// <summary>AUTH PLAIN is not offered inside TLS.</summary>
    LoginNotOffered,

    LoginRefused,

    /// <summary>The message needs SMTPUTF8, which is not offered.</summary>
    NeedsSmtpUtf8,

    /// <summary>The message needs 8BITMIME, which is not offered.</summary>
    NeedsEightBitMime,

    /// <summary>Larger than the server takes.</summary>
    TooLarge,
}

public enum SmtpVerdict
{
    Accepted,

    /// <summary>Not now.</summary>
    Transient,

    /// <summary>Never.</summary>
    Permanent,
}

/// <summary>What became of one recipient.</summary>
/// <param name="Reply">The server's words; null when it said none (see <paramref name="Failure"/>).</param>
public sealed record SmtpRecipientResult(SmtpVerdict Verdict, SmtpPhase Phase, SmtpServerReply? Reply, SmtpClientFailure? Failure = null)
{
    /// <summary>Of a reply that ends a recipient's part: 2yz accepted, 5yz permanent, all else may be different later.</summary>
    public static SmtpRecipientResult Of(SmtpPhase phase, SmtpServerReply reply) =>
        new(reply.IsPositive ? SmtpVerdict.Accepted : reply.IsPermanent ? SmtpVerdict.Permanent : SmtpVerdict.Transient, phase, reply);
}
