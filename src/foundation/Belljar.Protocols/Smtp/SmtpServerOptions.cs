namespace Belljar.Protocols.Smtp;

/// <summary>How a server presents itself, and how much it puts up with.</summary>
public sealed record SmtpServerOptions
{
    /// <summary>The name in the greeting and in the answer to EHLO.</summary>
    public required string HostName { get; init; }

    /// <summary>What follows the name in the greeting.</summary>
    public string Banner { get; init; } = "ESMTP Belljar";

    /// <summary>Octets of one message; announced as SIZE.</summary>
    public long LargestMessage { get; init; } = 25 * 1024 * 1024;

    /// <summary>Octets of one command line, with its CRLF.</summary>
    public int LongestLine { get; init; } = 1000;

    /// <summary>STARTTLS works: it is announced until TLS is in use.</summary>
    public bool OffersStartTls { get; init; }

    /// <summary>TLS is in use before the first byte (RFC 8314, 3.3).</summary>
    public bool IsSecure { get; init; }

    /// <summary>Nobody sends who did not log in: submission (RFC 6409).</summary>
    public bool RequiresAuthentication { get; init; }

    /// <summary>Failed logins after which the connection is closed.</summary>
    public int MostFailedLogins { get; init; } = 3;

    public int MostRecipients { get; init; } = 100;

    /// <summary>Commands that brought no message nearer: all but an accepted RCPT, DATA and BDAT, counted since the last message.</summary>
    public int MostFruitlessCommands { get; init; } = 100;
}
