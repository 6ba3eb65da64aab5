using System.Buffers.Text;
using System.Text;
using Belljar.Protocols.Sasl;

namespace Belljar.Protocols.Smtp;

// AUTH (RFC 4954): only inside of TLS, once, and never within a message.
public sealed partial class SmtpServerSession
{
    private ISaslExchange? _exchange;
    private int _failedLogins;

    /// <summary>Who logged in; null while nobody did.</summary>
    public string? Identity { get; private set; }

    private SmtpReply? RefuseStranger() => (options.RequiresAuthentication, Identity, IsSecure) switch
    {
        (false, _, _) or (_, not null, _) => null,
        (_, _, false) => SmtpReplies.TlsFirst,
        _ => SmtpReplies.AuthenticationNeeded,
    };

    private SmtpStep AnswerAuth(ReadOnlySpan<byte> argument)
    {
        if (RefuseAuth() is { } refusal)
        {
            return Replied(refusal, SmtpVerb.Auth);
        }

        var space = argument.IndexOf((byte)' ');
        var mechanism = space < 0 ? argument : argument[..space];
        if (login!.Begin(Encoding.UTF8.GetString(mechanism).ToUpperInvariant()) is not { } exchange)
        {
            return Replied(SmtpReplies.UnknownMechanism, SmtpVerb.Auth);
        }

        _exchange = exchange;
        if (space < 0)
        {
            return Replied(Challenge(default), SmtpVerb.Auth);
        }

        // "=" is a first message that is there and empty.
        var initial = argument[(space + 1)..].TrimStart((byte)' ');
        return AnswerResponse(initial.SequenceEqual("="u8) ? default : initial);
    }

    private SmtpReply? RefuseAuth() => this switch
    {
        _ when login is null => SmtpReplies.NotImplemented,
        { IsSecure: false } => SmtpReplies.EncryptionNeeded,
        { IsExtended: false } or { HelloName: null } => SmtpReplies.HelloFirst,
        { Identity: not null } => SmtpReplies.LoggedInAlready,
        { Transaction: not null } => SmtpReplies.NestedMail,
        _ => login.Refuse(),
    };

    /// <summary>A line while a mechanism runs: a message in base64, or "*" to give up.</summary>
    private SmtpStep AnswerResponse(ReadOnlySpan<byte> line)
    {
        var exchange = _exchange!;
        _exchange = null;
        if (line.SequenceEqual("*"u8))
        {
            return Replied(SmtpReplies.AuthenticationCancelled, SmtpVerb.Auth);
        }

        if (!Base64.IsValid(line, out var length) || line.ContainsAny(" \t\r\n"u8))
        {
            return Replied(SmtpReplies.BadBase64, SmtpVerb.Auth);
        }

        var message = new byte[length];
        Base64.DecodeFromUtf8(line, message, out _, out _);
        var step = exchange.Respond(message);
        switch (step.Outcome)
        {
            case SaslOutcome.Challenge:
                _exchange = exchange;
                return Replied(Challenge(step.Challenge.Span), SmtpVerb.Auth);
            case SaslOutcome.Done:
                Identity = step.Identity;
                return Replied(SmtpReplies.LoggedIn, SmtpVerb.Auth);
            default:
                return ++_failedLogins < options.MostFailedLogins
                    ? Replied(SmtpReplies.WrongCredentials, SmtpVerb.Auth)
                    : Close(SmtpReplies.WrongCredentialsAgain, SmtpVerb.Auth);
        }
    }

    private static SmtpReply Challenge(ReadOnlySpan<byte> challenge) => new(334, null, Convert.ToBase64String(challenge));
}
