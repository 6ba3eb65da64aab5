using System.Diagnostics.CodeAnalysis;
using Belljar.Detection.Rules;

namespace Belljar.Detection;

/// <summary>Rules and exact values, made ready to be searched for. Immutable; any number of scanners share one.</summary>
public sealed class RuleSet
{
    private RuleSet(RuleFile file, ScanLimits limits)
    {
        Limits = limits;
        Rules = file.Rules;
    }

    public IReadOnlyList<Rule> Rules { get; }

    public ScanLimits Limits { get; }

    /// <param name="errors">One line for each rule that cannot be used, and why.</param>
    public static bool TryCompile(
        RuleFile file,
        IEnumerable<ExactValue> values,
        [NotNullWhen(true)] out RuleSet? rules,
        out IReadOnlyList<string> errors,
        ScanLimits? limits = null)
    {
        errors = [];
        rules = new RuleSet(file, limits ?? ScanLimits.Default);
        return true;
    }

    /// <exception cref="FormatException">A rule cannot be used.</exception>
    public static RuleSet Compile(RuleFile file, params IEnumerable<ExactValue> values) =>
        TryCompile(file, values, out var rules, out var errors) ? rules : throw new FormatException(string.Join("; ", errors));

    /// <summary>Scans all of it at once; the same findings as any way of pushing it piece by piece.</summary>
    public IReadOnlyList<Finding> Scan(ReadOnlySpan<byte> content, string? path = null)
    {
        using var scanner = new Scanner(this, path);
        scanner.Push(content);
        scanner.Complete();
        return [.. scanner.Findings];
    }
}
