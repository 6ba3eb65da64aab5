using Belljar.Egress.Certificates;

namespace Belljar.Egress;

/// <summary>What a gate is trusted with besides its routes: it reaches the gate over an inherited descriptor and stays in memory.</summary>
/// <param name="Authority">The session's certificate authority.</param>
/// <param name="UpstreamAuthorities">Certificates (PEM) that hosts may prove themselves by, besides the system's.</param>
public sealed record GateSecrets(AuthorityPem Authority, IReadOnlyList<string> UpstreamAuthorities)
{
    /// <summary>Nothing of what a log might print.</summary>
    public override string ToString() => nameof(GateSecrets);
}
