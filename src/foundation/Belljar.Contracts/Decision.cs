namespace Belljar.Contracts;

/// <summary>What a gate may answer.</summary>
public enum Verdict
{
    Allow,
    Deny,
    Ask,
    Redact,
}

/// <summary>A gate's answer: what was decided, by which rule, and why. Every decision is also an event.</summary>
/// <param name="Verdict">The answer.</param>
/// <param name="Rule">The name of the rule that decided, stable enough to be searched for: <c>route:api.github.com</c>, <c>default-deny</c>.</param>
/// <param name="Reason">One sentence for whoever asked; it reveals nothing internal and no secret.</param>
public readonly record struct Decision(Verdict Verdict, string Rule, string Reason)
{
    public bool IsAllowed => Verdict is Verdict.Allow or Verdict.Redact;

    public static Decision Allow(string rule, string reason = "") => new(Verdict.Allow, rule, reason);

    public static Decision Deny(string rule, string reason) => new(Verdict.Deny, rule, reason);
}
