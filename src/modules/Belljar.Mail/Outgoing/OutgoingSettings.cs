using System.Text;
using Belljar.Manifest;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Outgoing;

/// <summary>
/// Reads <c>outgoing</c> of the section <c>mail</c>:
/// <code>
/// outgoing:
///   smarthost: {host: smtp.example.net, port: 587, tls: starttls, user: me, password_file: /etc/belljar/smarthost}
///   sign: true
///   allow_networks: [10.0.0.0/8]
///   ipv6: true
///   lifetime: 5d
///   max_per_domain: 4
///   max_recipients: 100
///   max_recipients_per_hour: 0
///   send_to: {agent: ["*@example.org"]}
/// </code>
/// </summary>
internal static class OutgoingSettings
{
    private static readonly SettingsType<string> Host = Text.Matching(
        "a host's name such as smtp.example.net", text => SmtpPath.IsDomain(Encoding.UTF8.GetBytes(text)) && !text.StartsWith('['));

    private static readonly SettingsType<string> Glob = Text.Matching("an address in which * stands for anything: *@example.org", text => text.Contains('@') && !text.Any(char.IsWhiteSpace));

    private static readonly SettingsType<string> MailboxName = Text.Matching("a mailbox's name", MailSettings.IsMailboxName);

    private static readonly SettingsType<SmarthostTls> Tls = Word.Of(
        ("starttls", SmarthostTls.StartTls), ("implicit", SmarthostTls.Implicit), ("none", SmarthostTls.None));

    public static OutgoingOptions Read(SettingsReader outgoing)
    {
        var defaults = new OutgoingOptions();
        return new OutgoingOptions
        {
            Smarthost = outgoing.OptionalSection("smarthost") is { } smarthost ? ReadSmarthost(smarthost) : null,
            Sign = outgoing.Optional("sign", defaults.Sign, Flag.TrueOrFalse),
            AllowedNetworks = outgoing.List("allow_networks", Address.Network, atMost: 100),
            UseIPv6 = outgoing.Optional("ipv6", defaults.UseIPv6, Flag.TrueOrFalse),
            CertificateAuthorities = outgoing.OptionalOrNull("certificate_authorities", Text.AbsolutePath),
            Lifetime = outgoing.Optional("lifetime", defaults.Lifetime, Duration.Between(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30))),
            MostPerDomain = outgoing.Optional("max_per_domain", defaults.MostPerDomain, Number.Between(1, 100)),
            MostAtOnce = outgoing.Optional("max_connections", defaults.MostAtOnce, Number.Between(1, 1000)),
            MostRecipients = outgoing.Optional("max_recipients", defaults.MostRecipients, Number.Between(1, 1000)),
            MostRecipientsPerHour = outgoing.Optional("max_recipients_per_hour", defaults.MostRecipientsPerHour, Number.Between(0, 1_000_000)),
            AllowedRecipients = outgoing.Has("send_to") ? ReadAllowed(outgoing.Section("send_to")) : defaults.AllowedRecipients,
        };
    }

    private static SmarthostOptions ReadSmarthost(SettingsReader smarthost)
    {
        var tls = smarthost.Optional("tls", SmarthostTls.StartTls, Tls);
        var user = smarthost.OptionalOrNull("user", Text.OneLine);
        var password = smarthost.OptionalOrNull("password_file", Text.AbsolutePath);
        if (user is null != password is null)
        {
            smarthost.Mistake(user is null ? "user" : "password_file", "user and password_file together, or neither");
        }
        else if (user is not null && tls == SmarthostTls.None)
        {
            smarthost.Mistake("tls", "starttls or implicit, where a password is sent");
        }

        var port = smarthost.Optional("port", tls == SmarthostTls.Implicit ? 465 : 587, Number.Port);
        return new SmarthostOptions(smarthost.Required("host", Host), port, tls, user, password);
    }

    private static Dictionary<string, IReadOnlyList<string>> ReadAllowed(SettingsReader allowed)
    {
        var found = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var mailbox in allowed.Keys.ToList())
        {
            if (MailboxName.TryParse(mailbox, out _))
            {
                found[mailbox] = allowed.List(mailbox, Glob);
            }
            else
            {
                allowed.Mistake(mailbox, MailboxName.Allowed);
            }
        }

        return found;
    }
}
