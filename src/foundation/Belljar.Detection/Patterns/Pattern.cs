using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Belljar.Detection.Patterns;

/// <summary>A compiled regex. Immutable; each thread searches with a <see cref="LazyDfa"/> of its own.</summary>
internal sealed class Pattern
{
    private Pattern(Node tree, IReadOnlyList<string> groupNames)
    {
        Tree = tree;
        Groups = groupNames.Count;
        Program = new PatternProgram(tree, groupNames.Count);
        var first = FirstSet(Program);
        FirstBytes = first is { } set && set.Count < 128 ? SearchValues.Create([.. set.Values()]) : null;
    }

    public Node Tree { get; }

    /// <summary>The whole match counted.</summary>
    public int Groups { get; }

    public PatternProgram Program { get; }

    /// <summary>What a match can begin with, where that is few enough to look for; null: too many.</summary>
    public SearchValues<byte>? FirstBytes { get; }

    public static bool TryParse(string text, [NotNullWhen(true)] out Pattern? pattern, [NotNullWhen(false)] out string? error)
    {
        try
        {
            var (tree, names) = PatternParser.Parse(text);
            pattern = new Pattern(tree, names);
            error = null;
            return true;
        }
        catch (PatternException wrong)
        {
            pattern = null;
            error = wrong.Message;
            return false;
        }
    }

    /// <summary>For tests and fixed patterns.</summary>
    /// <exception cref="PatternException">The pattern is not RE2.</exception>
    public static Pattern Parse(string text)
    {
        var (tree, names) = PatternParser.Parse(text);
        return new Pattern(tree, names);
    }

    public LazyDfa CreateAutomaton() => new(Program, FirstBytes);

    /// <returns>Null when a match may be empty.</returns>
    private static ByteSet? FirstSet(PatternProgram program)
    {
        var set = ByteSet.Empty;
        var pending = new Stack<int>([0]);
        var seen = new HashSet<int>();
        while (pending.TryPop(out var at))
        {
            if (!seen.Add(at))
            {
                continue;
            }

            ref readonly var instruction = ref program.Code[at];
            switch (instruction.Operation)
            {
                case Operation.Match:
                    return null;
                case Operation.Take:
                    set |= instruction.Set;
                    break;
                case Operation.Split:
                    pending.Push(instruction.First);
                    pending.Push(instruction.Second);
                    break;
                default:
                    pending.Push(instruction.First);
                    break;
            }
        }

        return set;
    }
}
