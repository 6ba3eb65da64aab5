namespace Belljar.Detection.Patterns;

/// <summary>
/// Finds the groups of a match whose end is known, by walking all threads at once with their positions (Pike's machine):
/// linear too, and slower than the automaton, so it runs only on what matched. One for all patterns of a thread.
/// </summary>
internal sealed class CaptureMachine
{
    private readonly Stack<(int At, int Slot, int Old)> _pending = new();
    private Threads _current = new();
    private Threads _following = new();
    private int[] _moving = [];

    /// <param name="slots">Gets the groups' starts and ends, -1 where a group took no part.</param>
    /// <returns>False when there is no match after all.</returns>
    public bool TryMatch(PatternProgram program, ReadOnlySpan<byte> text, int from, int lastStart, int end, bool isTextStart, Span<int> slots)
    {
        _current.Prepare(program);
        _following.Prepare(program);
        if (_moving.Length < program.Slots)
        {
            _moving = new int[program.Slots];
        }

        var moving = _moving.AsSpan(0, program.Slots);
        var found = false;
        for (var at = from; at <= end; at++)
        {
            if (!found && at <= lastStart)
            {
                moving.Fill(-1);
                Add(program, _current, 0, text, at, isTextStart);
            }

            if (_current.Count == 0 && (found || at >= lastStart))
            {
                break;
            }

            for (var i = 0; i < _current.Count; i++)
            {
                var pc = _current[i];
                ref readonly var instruction = ref program.Code[pc];
                if (instruction.Operation == Operation.Match)
                {
                    _current.Captures(pc).CopyTo(slots);
                    found = true;
                    break;
                }

                if (at < end && instruction.Set.Contains(text[at]))
                {
                    _current.Captures(pc).CopyTo(moving);
                    Add(program, _following, instruction.First, text, at + 1, isTextStart);
                }
            }

            (_current, _following) = (_following, _current);
            _following.Clear();
        }

        _current.Clear();
        return found;
    }

    private void Add(PatternProgram program, Threads threads, int start, ReadOnlySpan<byte> text, int at, bool isTextStart)
    {
        const int Restore = -1;
        _pending.Push((start, 0, 0));
        while (_pending.TryPop(out var next))
        {
            if (next.At == Restore)
            {
                _moving[next.Slot] = next.Old;
                continue;
            }

            if (!threads.TryAdd(next.At))
            {
                continue;
            }

            ref readonly var instruction = ref program.Code[next.At];
            switch (instruction.Operation)
            {
                case Operation.Split:
                    _pending.Push((instruction.Second, 0, 0));
                    _pending.Push((instruction.First, 0, 0));
                    break;
                case Operation.Jump:
                    _pending.Push((instruction.First, 0, 0));
                    break;
                case Operation.Assert:
                    if (Holds((AssertionKind)instruction.Second, text, at, isTextStart))
                    {
                        _pending.Push((instruction.First, 0, 0));
                    }

                    break;
                case Operation.Save:
                    _pending.Push((Restore, instruction.Second, _moving[instruction.Second]));
                    _moving[instruction.Second] = at;
                    _pending.Push((instruction.First, 0, 0));
                    break;
                default:
                    threads.Keep(next.At, _moving.AsSpan(0, program.Slots));
                    break;
            }
        }
    }

    private static bool Holds(AssertionKind kind, ReadOnlySpan<byte> text, int at, bool isTextStart)
    {
        var wordBefore = at > 0 && ByteSet.Word.Contains(text[at - 1]);
        var wordAfter = at < text.Length && ByteSet.Word.Contains(text[at]);
        return kind switch
        {
            AssertionKind.TextStart => at == 0 && isTextStart,
            AssertionKind.LineStart => at == 0 ? isTextStart : text[at - 1] == '\n',
            AssertionKind.TextEnd => at == text.Length,
            AssertionKind.LineEnd => at == text.Length || text[at] == '\n',
            AssertionKind.WordBoundary => wordBefore != wordAfter,
            _ => wordBefore == wordAfter,
        };
    }

    /// <summary>Threads in order of preference, each with its captures.</summary>
    private sealed class Threads
    {
        private readonly List<int> _order = [];
        private int[] _seen = [];
        private int[] _captures = [];
        private int _generation = 1;
        private int _slots;

        public int Count => _order.Count;

        public int this[int index] => _order[index];

        public void Prepare(PatternProgram program)
        {
            _slots = program.Slots;
            if (_seen.Length < program.Code.Length)
            {
                _seen = new int[program.Code.Length];
                _generation = 0;
            }

            if (_captures.Length < program.Code.Length * _slots)
            {
                _captures = new int[program.Code.Length * _slots];
            }

            Clear();
        }

        public void Clear()
        {
            _order.Clear();
            if (++_generation == int.MaxValue)
            {
                Array.Clear(_seen);
                _generation = 1;
            }
        }

        public bool TryAdd(int at)
        {
            if (_seen[at] == _generation)
            {
                return false;
            }

            _seen[at] = _generation;
            return true;
        }

        public void Keep(int at, ReadOnlySpan<int> captures)
        {
            _order.Add(at);
            captures.CopyTo(_captures.AsSpan(at * _slots));
        }

        public Span<int> Captures(int at) => _captures.AsSpan(at * _slots, _slots);
    }
}
