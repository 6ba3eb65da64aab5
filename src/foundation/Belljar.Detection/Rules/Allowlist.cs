namespace Belljar.Detection.Rules;

/// <summary>What a finding must look like to be passed over.</summary>
public sealed record Allowlist
{
    public string Description { get; init; } = "";

    public AllowlistCondition Condition { get; init; } = AllowlistCondition.Or;

    public AllowlistTarget RegexTarget { get; init; } = AllowlistTarget.Secret;

    public IReadOnlyList<string> Regexes { get; init; } = [];

    /// <summary>Words that a real secret does not contain, compared without case.</summary>
    public IReadOnlyList<string> Stopwords { get; init; } = [];

    public IReadOnlyList<string> Paths { get; init; } = [];

    public IReadOnlyList<string> Commits { get; init; } = [];

    /// <summary>Of a file's own lists: the rules that it concerns; empty: all.</summary>
    public IReadOnlyList<string> TargetRules { get; init; } = [];
}

/// <summary>How the kinds of criteria of one allow-list combine.</summary>
public enum AllowlistCondition
{
    Or,
    And,
}

/// <summary>What an allow-list's regexes look at.</summary>
public enum AllowlistTarget
{
    Secret,
    Match,
    Line,
}
