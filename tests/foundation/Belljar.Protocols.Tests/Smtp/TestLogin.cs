using Belljar.Protocols.Sasl;
using Belljar.Protocols.Smtp;
using Belljar.Protocols.Tests.Sasl;

namespace Belljar.Protocols.Tests.Smtp;

/// <summary>Logins of the one user of <see cref="TestCredentials"/>, with the nonce of RFC 7677, 3.</summary>
internal sealed class TestLogin : ISmtpLogin
{
    private const string Nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    /// <summary>No PLAIN, each try of which takes a millisecond.</summary>
    public bool IsQuick { get; init; }

    public SmtpReply? Refusal { get; init; }

    public int Begun { get; private set; }

    public IReadOnlyList<string> Mechanisms => [ScramExchange.Mechanism, PlainExchange.Mechanism];

    public ISaslExchange? Begin(string mechanism)
    {
        Begun++;
        return mechanism switch
        {
            ScramExchange.Mechanism => new ScramExchange(new TestCredentials(), null, isPlus: false, Nonce),
            PlainExchange.Mechanism when !IsQuick => new PlainExchange(new TestCredentials()),
            _ => null,
        };
    }

    public SmtpReply? Refuse() => Refusal;
}
