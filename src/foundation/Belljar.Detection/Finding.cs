namespace Belljar.Detection;

/// <summary>How sure a finding is, surest first.</summary>
public enum FindingKind
{
    /// <summary>A value that was planted and has no honest use: a canary, a placeholder.</summary>
    Planted,

    /// <summary>A secret that is known to exist, to the byte.</summary>
    Known,

    /// <summary>A rule's regex and its checks.</summary>
    Rule,
}

/// <summary>Something that must not leave, without the thing itself.</summary>
/// <param name="RuleId">The rule, or the id of the exact value.</param>
/// <param name="Offset">Where the secret begins in the scanned bytes, encoded as it stood there.</param>
/// <param name="Length">How many of the scanned bytes it covers.</param>
/// <param name="Line">From one.</param>
/// <param name="Column">From one, in bytes.</param>
/// <param name="Encoding">What had to be undone, outermost first: <c>base64>percent</c>; empty for plain text.</param>
/// <param name="Sample">The redacted secret: <c>ghp_…x4Yz</c>.</param>
/// <param name="Tag">24 bits of a hash over rule and secret: tells two secrets apart, and is no help in guessing one.</param>
public sealed record Finding(
    FindingKind Kind,
    string RuleId,
    long Offset,
    int Length,
    long Line,
    int Column,
    string Encoding,
    string Sample,
    int Tag);
