namespace Belljar.Egress.Secrets;

/// <summary>A credential as the gate holds it.</summary>
/// <param name="Reference">What the bottle calls it: <c>token_ref GITHUB_TOKEN</c>. This may be shown.</param>
/// <param name="Value">The real one. Never inside, never in a log, a file, an argument.</param>
/// <param name="Placeholder">What stands for it inside; seen anywhere but in its place, it rings.</param>
public sealed record Credential(string Reference, string Value, string Placeholder)
{
    public override string ToString() => Reference;
}

/// <summary>A secret of the operator's that the agent has no business with: its value must not leave.</summary>
/// <param name="Name">Where it was found: an environment variable. This may be shown.</param>
public sealed record KnownSecret(string Name, string Value)
{
    public override string ToString() => Name;
}
