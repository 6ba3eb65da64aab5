namespace Belljar.Protocols.Sasl;

/// <summary>The server's side of one authentication (RFC 4422), free of any protocol that carries it.</summary>
public interface ISaslExchange
{
    /// <summary>Takes the client's next message, decoded. After <see cref="SaslOutcome.Done"/> or <see cref="SaslOutcome.Failed"/> it is over.</summary>
    SaslStep Respond(ReadOnlySpan<byte> message);
}

public enum SaslOutcome
{
    /// <summary>Send <see cref="SaslStep.Challenge"/> and wait for the next message.</summary>
    Challenge,

    /// <summary>The client is <see cref="SaslStep.Identity"/>.</summary>
    Done,

    /// <summary>It is not, or did not keep to the mechanism; which of the two is nobody's business.</summary>
    Failed,
}

/// <param name="Challenge">Not encoded yet.</param>
public readonly record struct SaslStep(SaslOutcome Outcome, ReadOnlyMemory<byte> Challenge = default, string? Identity = null)
{
    public static readonly SaslStep Failed = new(SaslOutcome.Failed);

    public static SaslStep Say(ReadOnlyMemory<byte> challenge) => new(SaslOutcome.Challenge, challenge);

    public static SaslStep Done(string identity) => new(SaslOutcome.Done, Identity: identity);
}
