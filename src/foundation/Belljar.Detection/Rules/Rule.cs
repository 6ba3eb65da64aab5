namespace Belljar.Detection.Rules;

/// <summary>
/// One kind of secret, as a rule file describes it. The fields are those of the gitleaks format, and two of ours:
/// <see cref="Validator"/> and <see cref="Service"/>.
/// </summary>
public sealed record Rule
{
    public required string Id { get; init; }

    public string Description { get; init; } = "";

    /// <summary>RE2 syntax. Null: the rule speaks of paths alone.</summary>
    public string? Regex { get; init; }

    /// <summary>A regex that the file's path must match for the rule to apply.</summary>
    public string? Path { get; init; }

    /// <summary>Which group is the secret; 0: the first group that took part, else the whole match.</summary>
    public int SecretGroup { get; init; }

    /// <summary>Bits for each character that the secret must exceed; null: not asked.</summary>
    public double? Entropy { get; init; }

    /// <summary>The regex is tried only near one of these (compared without case). Empty: literals are taken from the regex.</summary>
    public IReadOnlyList<string> Keywords { get; init; } = [];

    public IReadOnlyList<string> Tags { get; init; } = [];

    public IReadOnlyList<Allowlist> Allowlists { get; init; } = [];

    /// <summary>Other rules that must match nearby too.</summary>
    public IReadOnlyList<RequiredRule> Required { get; init; } = [];

    /// <summary>The rule exists for others' <see cref="Required"/> and reports nothing itself.</summary>
    public bool SkipReport { get; init; }

    /// <summary>A name of <see cref="Validators.ValidatorCatalogue"/>: a check on the secret that a regex cannot make.</summary>
    public string? Validator { get; init; }

    /// <summary>Whose secret it is, for reports. Ours are in lower case: <c>github</c>.</summary>
    public string? Service { get; init; }
}

/// <summary>A composite rule's other half.</summary>
/// <param name="WithinLines">Most lines between the two; null: anywhere in the rule's surroundings.</param>
/// <param name="WithinColumns">Most columns between the two starts; null: any.</param>
public sealed record RequiredRule(string Id, int? WithinLines, int? WithinColumns);
