using Belljar.Contracts;
using Belljar.Egress.Gate;
using Belljar.Egress.Policy;

namespace Belljar.Egress.Scanning;

/// <summary>What findings mean for an exchange: the decision, and the bell.</summary>
internal sealed class Findings(DecisionRecorder recorder, Exchange exchange, RouteScan mode)
{
    private readonly HashSet<(string Place, string Name)> _told = [];

    /// <param name="isCovered">The value was covered, so that it may go on although it was found.</param>
    /// <returns>The denial; null when the request may go on.</returns>
    public Decision? Judge(string place, ContentFinding finding, bool isCovered)
    {
        var denies = mode is RouteScan.Deny || (mode is RouteScan.Redact && !isCovered);
        var rule = finding.Kind switch
        {
            FindingKind.Planted => "planted-value",
            FindingKind.Known => "known-secret",
            _ => $"secret:{finding.Name}",
        };
        if (finding.Kind is FindingKind.Planted && _told.Add((place, finding.Name)))
        {
            recorder.Ring(exchange, place, finding.Name, denies ? "denied" : isCovered ? "redacted" : "passed");
        }

        var reason = $"the request's {place} holds {(finding.Kind is FindingKind.Planted ? "the placeholder of" : finding.Kind is FindingKind.Known ? "the secret" : "what looks like a secret:")} {finding.Name}";
        if (denies)
        {
            return Decision.Deny(rule, reason);
        }

        exchange.Decision = isCovered ? new Decision(Verdict.Redact, $"redact:{rule}", reason) : Decision.Allow($"alert:{rule}", reason);
        return null;
    }
}
