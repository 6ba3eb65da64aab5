namespace Belljar.Protocols.SmtpClient;

public enum SmtpTlsPolicy
{
    Never,

    /// <summary>Opportunistic (RFC 7435).</summary>
    WhenOffered,
    Required,
}

public sealed record SmtpClientOptions
{
    /// <summary>Our name in EHLO: a domain or an address literal.</summary>
    public required string HelloName { get; init; }

    public SmtpTlsPolicy Tls { get; init; } = SmtpTlsPolicy.WhenOffered;

    /// <summary>The connection is inside TLS from its first byte (port 465).</summary>
    public bool IsSecure { get; init; }

    /// <summary>Said inside TLS alone; null: nobody logs in.</summary>
    public SmtpCredentials? Login { get; init; }
}

/// <summary>For AUTH PLAIN (RFC 4616).</summary>
public sealed record SmtpCredentials(string User, string Password)
{
    /// <summary>A record would print the password.</summary>
    public override string ToString() => User;
}
