using System.Net;
using Belljar.Mail.Hooks;
using Belljar.Mail.Mailboxes;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Tls;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail;

/// <summary>The section <c>mail</c> of belljar.yaml.</summary>
public sealed record MailOptions
{
    /// <summary>The name in the greeting and in Received fields.</summary>
    public required string HostName { get; init; }

    /// <summary>The domains that are served, in lower case; the first one completes addresses.</summary>
    public required IReadOnlyList<string> Domains { get; init; }

    public required IReadOnlyList<MailboxOptions> Mailboxes { get; init; }

    public required SmtpOptions Smtp { get; init; }

    public SubmissionOptions Submission { get; init; } = new();

    public SenderCheckOptions SenderChecks { get; init; } = new();

    public OutgoingOptions Outgoing { get; init; } = new();

    public MakingOptions Making { get; init; } = new();

    /// <summary>The same with the mailboxes and hooks that were made by command, as they are on the disk at this moment.</summary>
    /// <exception cref="Hosting.OperatorException">They cannot be read.</exception>
    public MailOptions WithMade(string mailData) => MailboxRegistry.Open(mailData, this).Options;

    public MailboxOptions? FindMailbox(string name) => Mailboxes.FirstOrDefault(mailbox => mailbox.Name == name);
}

/// <summary>What decides whether a mailbox trusts a message.</summary>
public enum TrustPolicy
{
    /// <summary>Nothing: <c>trusted = "none"</c>.</summary>
    None,

    /// <summary>An aligned, authenticated From that matches the trusted senders.</summary>
    Verified,
}

/// <param name="Name">Its folder's name too: <c>[a-z0-9][a-z0-9._-]*</c>.</param>
/// <param name="Addresses">At least one; the first is the one that is shown. <c>*@domain</c> catches all that nobody else receives.</param>
/// <param name="QuotaBytes">What its files may hold together; null for as much as the disk has.</param>
public sealed record MailboxOptions(string Name, IReadOnlyList<string> Addresses, TrustPolicy Trust, long? QuotaBytes)
{
    public string Address => Addresses[0];

    /// <summary>The user of this machine who may read it and as whom its hooks run; null: whoever runs the worker.</summary>
    public string? Owner { get; init; }

    /// <summary>Globs over From's address: whom <see cref="TrustPolicy.Verified"/> trusts when DMARC passes. None: nobody.</summary>
    public IReadOnlyList<string> TrustedSenders { get; init; } = [];

    public IReadOnlyList<HookOptions> Hooks { get; init; } = [];
}

/// <summary>Where people who log in hand in mail. Nowhere, unless addresses are given.</summary>
public sealed record SubmissionOptions
{
    /// <summary>With STARTTLS: port 587.</summary>
    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [];

    /// <summary>In TLS from the first byte: port 465.</summary>
    public IReadOnlyList<IPEndPoint> ListenTls { get; init; } = [];
}

/// <summary>How SPF, DKIM and DMARC are asked for.</summary>
public sealed record SenderCheckOptions
{
    /// <summary>Recursive resolvers; empty: those of <c>/etc/resolv.conf</c>.</summary>
    public IReadOnlyList<IPEndPoint> DnsServers { get; init; } = [];

    /// <summary>A file in the format of publicsuffix.org; null: the system's, or what is built in.</summary>
    public string? PublicSuffixes { get; init; }

    /// <summary>How long a stranger's message may wait for all of it.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The same for what programs on this machine hand in; longer where one of them is a relay for the world.</summary>
    public TimeSpan OwnMachineTimeout { get; init; } = TimeSpan.FromMilliseconds(700);
}

/// <summary>The SMTP listener and its limits (spec: mail §3).</summary>
public sealed record SmtpOptions
{
    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [new(IPAddress.Loopback, 25)];

    public long LargestMessage { get; init; } = 25 * 1024 * 1024;

    public int MostRecipients { get; init; } = 100;

    public int MostConnections { get; init; } = 1000;

    /// <summary>Connections from one IPv4 address, or from one /64 of IPv6.</summary>
    public int MostConnectionsOfOnePeer { get; init; } = 20;

    /// <summary>Connections and messages of one peer in a minute, by token bucket; 0 for as many as it likes.</summary>
    public int MostFromOnePeerPerMinute { get; init; } = 600;

    /// <summary>Messages of one sender's address in an hour; 0 for as many as it likes.</summary>
    public int MostFromOneSenderPerHour { get; init; }

    /// <summary>How long a stranger's first try is put off; zero: not at all.</summary>
    public TimeSpan Greylist { get; init; }

    /// <summary>Names of DNS block lists; whoever is on one of them is turned away.</summary>
    public IReadOnlyList<string> BlockLists { get; init; } = [];

    /// <summary>How long the greeting is kept back; who speaks before it is turned away. Zero: not at all.</summary>
    public TimeSpan GreetingDelay { get; init; }

    /// <summary>Null: a self-signed certificate.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>How long nothing may be heard.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How long a connection may last in all.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromSeconds(600);

    internal SmtpServerOptions ForSession(string hostName) => new()
    {
        HostName = hostName,
        LargestMessage = LargestMessage,
        MostRecipients = MostRecipients,
    };
}
