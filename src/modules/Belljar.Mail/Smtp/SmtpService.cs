namespace Belljar.Mail.Smtp;

/// <summary>What a listener is for.</summary>
internal enum SmtpService
{
    /// <summary>Mail from other servers: port 25.</summary>
    Mx,

    /// <summary>Mail from people who log in, after STARTTLS: port 587 (RFC 6409).</summary>
    Submission,

    /// <summary>The same, in TLS from the first byte: port 465 (RFC 8314).</summary>
    SubmissionOverTls,
}
