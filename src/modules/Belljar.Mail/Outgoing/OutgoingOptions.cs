using System.Net;

namespace Belljar.Mail.Outgoing;

/// <summary>The section <c>mail.outgoing</c>: how mail leaves.</summary>
public sealed record OutgoingOptions
{
    /// <summary>Null: straight to whoever the recipient's domain names.</summary>
    public SmarthostOptions? Smarthost { get; init; }

    /// <summary>A message without a signature leaves only where the operator says so (a smarthost that signs by itself).</summary>
    public bool Sign { get; init; } = true;

    /// <summary>Networks that may be delivered to although they are not public.</summary>
    public IReadOnlyList<IPNetwork> AllowedNetworks { get; init; } = [];

    public bool UseIPv6 { get; init; } = true;

    /// <summary>Certificates (PEM) that are believed beside the system's, where one is verified at all; null: none.</summary>
    public string? CertificateAuthorities { get; init; }

    /// <summary>Connections to one domain at a time.</summary>
    public int MostPerDomain { get; init; } = 4;

    /// <summary>Connections at a time in all.</summary>
    public int MostAtOnce { get; init; } = 32;

    /// <summary>How long a recipient is tried.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(5);

    public int MostRecipients { get; init; } = 100;

    public int LargestMessage { get; init; } = 25 * 1024 * 1024;

    /// <summary>Mailbox → globs over the recipients that it may write to; a mailbox without an entry may write to anybody.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> AllowedRecipients { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Recipients that one mailbox may write to in an hour; 0: any number.</summary>
    public int MostRecipientsPerHour { get; init; }

    /// <summary>Of a conversation with another server; the shortest that RFC 5321 §4.5.3.2 permits are 5 and 10 minutes.</summary>
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the reply to a whole message: giving up early is what makes duplicates.</summary>
    public TimeSpan EndOfDataTimeout { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>A server that takes all our mail for other domains.</summary>
/// <param name="PasswordFile">Holds the password and nothing else; null when nobody logs in.</param>
public sealed record SmarthostOptions(string Host, int Port, SmarthostTls Tls, string? User, string? PasswordFile);

public enum SmarthostTls
{
    /// <summary>STARTTLS, and the certificate must be the host's.</summary>
    StartTls,

    /// <summary>Inside TLS from the first byte (port 465), and the certificate must be the host's.</summary>
    Implicit,

    /// <summary>In the clear, without a password: for a server on this machine.</summary>
    None,
}
