namespace Belljar.Protocols.Sasl;

/// <summary>Who may log in, and what proves that he is it. A seam: tests answer from memory.</summary>
public interface ISaslCredentials
{
    /// <summary>Answers for every name, so that nobody can ask who exists.</summary>
    SaslCredential Find(string name);
}

/// <param name="Identity">Null where nobody has that name: no password fits then.</param>
/// <param name="Verifier">For nobody: one that looks like others, and the same each time that the same name is asked for.</param>
public readonly record struct SaslCredential(string? Identity, ScramVerifier Verifier);
