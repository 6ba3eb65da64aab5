namespace Belljar.Detection.Patterns;

/// <summary>
/// How far from a match's beginning a keyword stands in it: what makes it enough to look at a regex only around the
/// keywords that the text holds.
/// </summary>
internal static class KeywordPlaces
{
    /// <summary>A class of more letters than this (both cases counted as one) is not the place of a literal.</summary>
    private const int MostAlternatives = 6;

    /// <returns>The least and the greatest distance; null when the pattern does not spell the keyword anywhere.</returns>
    public static (int Least, int Most)? Find(PatternProgram program, string keyword)
    {
        var (least, most) = Distances(program);
        (int Least, int Most)? found = null;
        for (var at = 0; at < program.Code.Length; at++)
        {
            if (program.Code[at].Operation == Operation.Take && least[at] < int.MaxValue && Spells(program, at, keyword, 0))
            {
                found = found is { } known ? (Math.Min(known.Least, least[at]), Math.Max(known.Most, most[at])) : (least[at], most[at]);
            }
        }

        return found;
    }

    private static bool Spells(PatternProgram program, int at, string keyword, int index)
    {
        var seen = new HashSet<(int, int)>();
        var pending = new Stack<(int At, int Index)>([(at, index)]);
        while (pending.TryPop(out var next))
        {
            if (next.Index == keyword.Length)
            {
                return true;
            }

            if (!seen.Add(next))
            {
                continue;
            }

            ref readonly var instruction = ref program.Code[next.At];
            switch (instruction.Operation)
            {
                case Operation.Take:
                    if (IsLiteral(instruction.Set) && instruction.Set.Folded().Contains(keyword[next.Index]))
                    {
                        pending.Push((instruction.First, next.Index + 1));
                    }

                    break;
                case Operation.Split:
                    pending.Push((instruction.First, next.Index));
                    pending.Push((instruction.Second, next.Index));
                    break;
                case Operation.Match:
                    break;
                default:
                    pending.Push((instruction.First, next.Index));
                    break;
            }
        }

        return false;
    }

    internal static bool IsLiteral(ByteSet set)
    {
        var folded = set.Folded();
        var letters = (folded & (ByteSet.Range('A', 'Z') | ByteSet.Range('a', 'z'))).Count / 2;
        var others = (folded & ~(ByteSet.Range('A', 'Z') | ByteSet.Range('a', 'z'))).Count;
        return letters + others <= MostAlternatives;
    }

    /// <summary>Bytes between a match's beginning and each instruction. Only loops jump backwards: they have no longest way.</summary>
    private static (int[] Least, int[] Most) Distances(PatternProgram program)
    {
        var least = new int[program.Code.Length];
        var most = new int[program.Code.Length];
        Array.Fill(least, int.MaxValue);
        Array.Fill(most, -1);
        (least[0], most[0]) = (0, 0);
        for (var at = 0; at < program.Code.Length; at++)
        {
            var instruction = program.Code[at];
            if (instruction.Operation == Operation.Match)
            {
                break;
            }

            var step = instruction.Operation == Operation.Take ? 1 : 0;
            Reach(instruction.First, at, step);
            if (instruction.Operation == Operation.Split)
            {
                Reach(instruction.Second, at, step);
            }
        }

        return (least, most);

        void Reach(int target, int at, int step)
        {
            if (target <= at)
            {
                // A loop: everything in it, and so after it, may stand arbitrarily far on.
                for (var inside = target; inside <= at; inside++)
                {
                    most[inside] = Node.Endless;
                    var instruction = program.Code[inside];
                    foreach (var exit in new[] { instruction.First, instruction.Operation == Operation.Split ? instruction.Second : instruction.First })
                    {
                        if (exit > at)
                        {
                            most[exit] = Node.Endless;
                        }
                    }
                }

                return;
            }

            if (least[at] < int.MaxValue)
            {
                least[target] = Math.Min(least[target], least[at] + step);
            }

            most[target] = Math.Max(most[target], Math.Min(most[at] + step, Node.Endless));
        }
    }
}
