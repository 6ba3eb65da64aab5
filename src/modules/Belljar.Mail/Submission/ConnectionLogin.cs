using System.Net;
using Belljar.Protocols.Sasl;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Submission;

/// <summary>One connection's way to log in.</summary>
internal sealed class ConnectionLogin(MailLogins logins, IPAddress remote) : ISmtpLogin
{
    /// <summary>The hash of the certificate that this client was shown (RFC 5929, 4); null before TLS, and where none is defined.</summary>
    public byte[]? Certificate { get; set; }

    public MailLogins Logins => logins;

    public IReadOnlyList<string> Mechanisms => Certificate is null
        ? [ScramExchange.Mechanism, PlainExchange.Mechanism]
        : [ScramExchange.PlusMechanism, ScramExchange.Mechanism, PlainExchange.Mechanism];

    public ISaslExchange? Begin(string mechanism) => mechanism switch
    {
        ScramExchange.PlusMechanism when Certificate is not null => new ScramExchange(logins, Certificate, isPlus: true, ScramExchange.NewNonce()),
        ScramExchange.Mechanism => new ScramExchange(logins, Certificate, isPlus: false, ScramExchange.NewNonce()),
        PlainExchange.Mechanism => new PlainExchange(logins),
        _ => null,
    };

    public SmtpReply? Refuse() => logins.MayTry(remote) ? null : SmtpReplies.TooManyFailures;

    public void Failed() => logins.Failures.TryTake(remote);
}
