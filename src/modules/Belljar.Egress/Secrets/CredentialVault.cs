using Belljar.Egress.Scanning;
using FindingKind = Belljar.Egress.Scanning.FindingKind;

namespace Belljar.Egress.Secrets;

/// <summary>The values of one set of routes: what goes out in its place, and what must not go out or come back.</summary>
internal sealed class CredentialVault
{
    private readonly Dictionary<string, Credential> _byReference;

    public CredentialVault(GateSecrets secrets)
    {
        _byReference = secrets.Credentials.ToDictionary(credential => credential.Reference);
        Echoes = new ValueAutomaton([.. secrets.Credentials.SelectMany((credential, owner) => SecretForms.Of(credential.Value).Select(form => (owner, form)))]);
        (FindingKind Kind, string Name, string Value)[] values =
        [
            .. secrets.Credentials.Select(credential => (FindingKind.Planted, credential.Reference, credential.Placeholder)),
            .. secrets.Credentials.Select(credential => (FindingKind.Known, credential.Reference, credential.Value)),
            .. secrets.Known.Select(known => (FindingKind.Known, known.Name, known.Value)),
        ];
        Values = new ExactValueScanner(values);
        Scanner = new JointScanner(Values, new RuleScanner(CompiledRules.With(values)));
    }

    /// <summary>The real values, to be covered where a host echoes them.</summary>
    public ValueAutomaton Echoes { get; }

    /// <summary>Finds the values that are known, and nothing else, in what cannot wait.</summary>
    public IContentScanner Values { get; }

    /// <summary>Finds placeholders and secrets in what the agent sends.</summary>
    public IContentScanner Scanner { get; }

    /// <exception cref="ArgumentException">The routes name a credential that was not handed over with them.</exception>
    public Credential Find(string reference) => _byReference.TryGetValue(reference, out var credential)
        ? credential
        : throw new ArgumentException($"'{reference}' was not handed over.", nameof(reference));
}
