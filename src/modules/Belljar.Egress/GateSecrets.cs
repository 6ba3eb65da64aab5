using Belljar.Egress.Certificates;
using Belljar.Egress.Secrets;

namespace Belljar.Egress;

/// <summary>What a gate is trusted with besides its routes: it reaches the gate over an inherited descriptor and stays in memory.</summary>
/// <param name="Authority">The session's certificate authority.</param>
/// <param name="UpstreamAuthorities">Certificates (PEM) that hosts may prove themselves by, besides the system's.</param>
/// <param name="Credentials">One for each reference that the routes name.</param>
/// <param name="Known">Secrets of the operator's that must not leave, wherever the agent may have them from.</param>
public sealed record GateSecrets(
    AuthorityPem Authority, IReadOnlyList<string> UpstreamAuthorities, IReadOnlyList<Credential> Credentials, IReadOnlyList<KnownSecret> Known)
{
    /// <summary>Nothing of what a log might print.</summary>
    public override string ToString() => nameof(GateSecrets);
}
