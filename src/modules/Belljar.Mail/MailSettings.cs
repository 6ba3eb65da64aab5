using System.Text;
using Belljar.Hosting.Settings;
using Belljar.Mail.Hooks;
using Belljar.Mail.Mailboxes;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Routing;
using Belljar.Mail.Storage;
using Belljar.Mail.Tls;
using Belljar.Manifest;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail;

/// <summary>Reads the section <c>mail</c>; what may be written there stands in this project's README.</summary>
public static class MailSettings
{
    private const string DefaultDomain = "agent.localhost";
    private const string DefaultMailbox = "agent";
    private const long KiB = 1024;
    private const long TiB = 1L << 40;

    public static readonly SettingsSection<MailOptions> Section = new("mail", "mail server: domains, mailboxes, listeners", Read);

    private static readonly SettingsType<string> Domain = Text.Matching(
        "a domain such as example.org", text => SmtpPath.IsDomain(Encoding.UTF8.GetBytes(text)) && !text.StartsWith('['));

    private static readonly SettingsType<string> MailboxName = Text.Matching(
        "lower-case letters, digits, '.', '_' and '-', at most 64, a letter or digit first, no dot at the end or beside another", IsMailboxName);

    private static readonly SettingsType<string> MailAddress = Text.Matching(
        "an address such as agent@example.org, or *@example.org for all that is left", text => AddressPattern.TryParse(text, out _));

    private static readonly SettingsType<TrustPolicy> Trust = Word.Of(("none", TrustPolicy.None), ("verified", TrustPolicy.Verified));

    private static readonly SettingsType<bool> Makers = Word.Of(("everybody", true), ("operator", false));

    private static readonly SettingsType<string> SenderGlob = Text.Matching(
        "an address, or a pattern such as *@example.org", text => text.Length is > 0 and <= 320 && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '<' or '>'));

    private static readonly SettingsType<string> UserName = Text.Matching(
        "a user of this machine, by name or number", text => text.Length is > 0 and <= 64 && UserNames.TryFind(text, out _));

    internal static bool IsMailboxName(string text) =>
        text.Length is > 0 and <= 64
        && char.IsAsciiLetterOrDigit(text[0])
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-')
        && text[^1] != '.' && !text.Contains("..", StringComparison.Ordinal);

    private static MailOptions Read(SettingsReader mail)
    {
        var domains = mail.Has("domains") ? mail.List("domains", Domain, atLeast: 1) : [DefaultDomain];
        domains = [.. domains.Select(domain => domain.ToLowerInvariant())];
        var hostName = mail.Optional("hostname", domains.Count > 0 ? domains[0] : DefaultDomain, Domain);
        var mailboxes = mail.Has("mailboxes")
            ? ReadMailboxes(mail, domains)
            : [new MailboxOptions(DefaultMailbox, [$"{DefaultMailbox}@{(domains.Count > 0 ? domains[0] : DefaultDomain)}"], TrustPolicy.None, null)];
        return new MailOptions
        {
            HostName = hostName,
            Domains = domains,
            Mailboxes = mailboxes,
            Smtp = ReadSmtp(mail.Section("smtp")),
            Submission = ReadSubmission(mail.Section("submission")),
            Making = ReadMaking(mail.Section("making")),
            Outgoing = OutgoingSettings.Read(mail.Section("outgoing")),
            SenderChecks = ReadSenderChecks(mail.Section("authentication")),
        };
    }

    private static SubmissionOptions ReadSubmission(SettingsReader submission) => new()
    {
        Listen = submission.List("listen", Address.Listen, atMost: 16),
        ListenTls = submission.List("listen_tls", Address.Listen, atMost: 16),
    };

    private static MakingOptions ReadMaking(SettingsReader making)
    {
        var defaults = new MakingOptions();
        return new MakingOptions
        {
            IsForEverybody = making.Optional("by", defaults.IsForEverybody, Makers),
            MostOfOneUser = making.Optional("max_per_user", defaults.MostOfOneUser, Number.Between(1, 10_000)),
            QuotaBytes = making.Optional("quota", defaults.QuotaBytes, ByteSize.Between(KiB, TiB)),
        };
    }

    private static SenderCheckOptions ReadSenderChecks(SettingsReader authentication)
    {
        var defaults = new SenderCheckOptions();
        return new SenderCheckOptions
        {
            DnsServers = authentication.List("dns", Address.Listen, atMost: 3),
            PublicSuffixes = authentication.OptionalOrNull("public_suffixes", Text.AbsolutePath),
            Timeout = authentication.Optional("timeout", defaults.Timeout, Duration.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60))),
            OwnMachineTimeout = authentication.Optional(
                "own_machine_timeout", defaults.OwnMachineTimeout, Duration.Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(60))),
        };
    }

    private static SmtpOptions ReadSmtp(SettingsReader smtp)
    {
        var defaults = new SmtpOptions();
        return new SmtpOptions
        {
            Listen = smtp.Has("listen") ? smtp.List("listen", Address.Listen, atLeast: 1, atMost: 16) : defaults.Listen,
            LargestMessage = smtp.Optional("max_message", defaults.LargestMessage, ByteSize.Between(64 * KiB, 256 * KiB * KiB)),
            MostRecipients = smtp.Optional("max_recipients", defaults.MostRecipients, Number.Between(1, 1000)),
            MostConnections = smtp.Optional("max_connections", defaults.MostConnections, Number.Between(1, 10_000)),
            MostConnectionsOfOnePeer = smtp.Optional("max_connections_per_peer", defaults.MostConnectionsOfOnePeer, Number.Between(1, 10_000)),
            MostFromOnePeerPerMinute = smtp.Optional("rate_per_peer", defaults.MostFromOnePeerPerMinute, Number.Between(0, 1_000_000)),
            MostFromOneSenderPerHour = smtp.Optional("rate_per_sender", defaults.MostFromOneSenderPerHour, Number.Between(0, 1_000_000)),
            Greylist = smtp.Optional("greylist", defaults.Greylist, Duration.Between(TimeSpan.Zero, TimeSpan.FromHours(12))),
            BlockLists = smtp.List("block_lists", Domain, atMost: 8),
            GreetingDelay = smtp.Optional("greeting_delay", defaults.GreetingDelay, Duration.Between(TimeSpan.Zero, TimeSpan.FromSeconds(30))),
            Tls = ReadTls(smtp.OptionalSection("tls")),
            Idle = smtp.Optional("idle", defaults.Idle, Duration.Between(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1))),
            Total = smtp.Optional("total", defaults.Total, Duration.Between(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1))),
        };
    }

    private static TlsFiles? ReadTls(SettingsReader? tls) =>
        tls is null ? null : new TlsFiles(tls.Required("certificate", Text.AbsolutePath), tls.Required("key", Text.AbsolutePath));

    private static List<MailboxOptions> ReadMailboxes(SettingsReader mail, IReadOnlyList<string> domains)
    {
        var mailboxes = new List<MailboxOptions>();
        var owners = new Dictionary<AddressPattern, string>();
        foreach (var (name, section) in mail.NamedSections("mailboxes", MailboxName))
        {
            var first = section.Optional("address", $"{name}@{domains.FirstOrDefault(DefaultDomain)}", MailAddress);
            IReadOnlyList<string> addresses = [first, .. section.List("aliases", MailAddress, atMost: 100)];
            for (var i = 0; i < addresses.Count; i++)
            {
                Claim(section, i == 0 ? "address" : "aliases", addresses[i], name, domains, owners);
            }

            mailboxes.Add(new MailboxOptions(
                name,
                addresses,
                section.Optional("trust", TrustPolicy.None, Trust),
                section.OptionalValue("quota", ByteSize.Between(KiB, TiB)))
            {
                Owner = section.OptionalOrNull("owner", UserName),
                TrustedSenders = section.List("trusted_senders", SenderGlob, atMost: 1000),
                Hooks = HookSettings.Read(section),
            });
        }

        return mailboxes;
    }

    private static void Claim(
        SettingsReader section, string key, string address, string mailbox, IReadOnlyList<string> domains, Dictionary<AddressPattern, string> owners)
    {
        if (!AddressPattern.TryParse(address, out var pattern))
        {
            return; // Already reported.
        }

        if (!domains.Any(domain => AddressPattern.Normal(domain) == pattern.Domain))
        {
            section.Mistake(key, $"an address in one of the domains {string.Join(", ", domains)}", "or add its domain to mail.domains");
        }
        else if (!owners.TryAdd(pattern, mailbox))
        {
            section.Mistake(key, "an address that no other mailbox has", $"mailbox '{owners[pattern]}' has '{address}'");
        }
    }
}
