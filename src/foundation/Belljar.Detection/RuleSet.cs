using System.Diagnostics.CodeAnalysis;
using Belljar.Detection.Patterns;
using Belljar.Detection.Prefilter;
using Belljar.Detection.Rules;
using Belljar.Detection.Scanning;

namespace Belljar.Detection;

/// <summary>Rules and exact values, made ready to be searched for. Immutable; any number of scanners share one.</summary>
public sealed class RuleSet
{
    /// <summary>No rule's match, and so no secret of a rule, is longer than this many bytes, decoded.</summary>
    public const int MaxSecretLength = 8192;

    private readonly Lock _lock = new();
    private readonly Stack<BlockScan> _idle = new();

    internal RuleSet(RuleSetBuilder builder, ScanLimits limits)
    {
        Limits = limits;
        Rules = [.. builder.Rules.Select(rule => rule.Rule)];
        Compiled = [.. builder.Rules];
        Patterns = [.. builder.Patterns];
        Literals = new LiteralSet(builder.Literals);
        Targets = [.. builder.Targets.Select(targets => targets.ToArray())];
        Values = [.. builder.Values];
        Unfiltered = [.. builder.Unfiltered];
        Global = [.. builder.Global];
    }

    public IReadOnlyList<Rule> Rules { get; }

    public ScanLimits Limits { get; }

    internal CompiledRule[] Compiled { get; }

    internal Pattern[] Patterns { get; }

    internal LiteralSet Literals { get; }

    /// <summary>What each literal means.</summary>
    internal LiteralTarget[][] Targets { get; }

    internal ExactValue[] Values { get; }

    /// <summary>Rules that no literal announces.</summary>
    internal int[] Unfiltered { get; }

    internal (CompiledAllowlist List, Allowlist Source)[] Global { get; }

    /// <param name="errors">One line for each rule that cannot be used, and why.</param>
    public static bool TryCompile(
        RuleFile file,
        IEnumerable<ExactValue> values,
        [NotNullWhen(true)] out RuleSet? rules,
        out IReadOnlyList<string> errors,
        ScanLimits? limits = null)
    {
        var builder = new RuleSetBuilder();
        builder.Add(file);
        foreach (var value in values)
        {
            builder.Add(value);
        }

        errors = builder.Errors;
        rules = errors.Count == 0 ? new RuleSet(builder, limits ?? ScanLimits.Default) : null;
        return rules is not null;
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

    /// <summary>Automata and buffers, which are dear to make and belong to one thread at a time.</summary>
    internal BlockScan Rent()
    {
        lock (_lock)
        {
            if (_idle.TryPop(out var scan))
            {
                return scan;
            }
        }

        return new BlockScan(this);
    }

    internal void Return(BlockScan scan)
    {
        lock (_lock)
        {
            _idle.Push(scan);
        }
    }
}
