using Belljar.Protocols.Sasl;

namespace Belljar.Protocols.Smtp;

/// <summary>How clients log in (RFC 4954). Asked only while TLS is in use.</summary>
public interface ISmtpLogin
{
    /// <summary>As EHLO announces them, the best first.</summary>
    IReadOnlyList<string> Mechanisms { get; }

    /// <summary>Null where the mechanism is none of <see cref="Mechanisms"/>.</summary>
    /// <param name="mechanism">In upper case.</param>
    ISaslExchange? Begin(string mechanism);

    /// <summary>Who failed too often waits: the refusal, or null. Asked before anything is computed.</summary>
    SmtpReply? Refuse() => null;
}
