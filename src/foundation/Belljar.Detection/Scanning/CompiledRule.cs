using Belljar.Detection.Patterns;
using Belljar.Detection.Rules;
using Belljar.Detection.Validators;

namespace Belljar.Detection.Scanning;

/// <summary>A rule made ready.</summary>
internal sealed class CompiledRule
{
    public required Rule Rule { get; init; }

    /// <summary>Its pattern's number in the rule set; -1: the rule speaks of paths alone.</summary>
    public required int Pattern { get; init; }

    public required int PathPattern { get; init; }

    public required int Groups { get; init; }

    /// <summary>The longest match that is looked for.</summary>
    public required int MaxLength { get; init; }

    /// <summary>A match begins at least and at most so far before a keyword; negative: after it.</summary>
    public required (int Least, int Most) Before { get; init; }

    public required CompiledAllowlist[] Allowlists { get; init; }

    public Validator? Validator { get; init; }

    public (int Rule, RequiredRule Terms)[] Required { get; set; } = [];

    /// <summary>Yields to every other rule that names the same bytes.</summary>
    public bool IsGeneric => Rule.Id.StartsWith("generic", StringComparison.Ordinal) || Rule.Tags.Contains("generic");
}
