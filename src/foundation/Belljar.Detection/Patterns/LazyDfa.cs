using System.Buffers;

namespace Belljar.Detection.Patterns;

/// <summary>
/// The program as a deterministic automaton whose states are made when they are first needed. One step a byte, whatever
/// the pattern and the text: that is what makes a search linear. Finds where the leftmost match ends, with RE2's
/// preferences between alternatives. Not thread-safe.
/// </summary>
/// <remarks>
/// A state is the threads that wait for the next byte, in order of preference, and what the byte before was. Assertions are
/// resolved when the next byte is known, so a match is noticed one step after its last byte.
/// </remarks>
internal sealed class LazyDfa
{
    /// <summary>Of transitions, 256 KiB; beyond it the states are forgotten and made again as needed.</summary>
    private const int MostTransitions = 1 << 16;

    /// <summary>Of threads in all states, 512 KiB: a large pattern has large states.</summary>
    private const int MostThreads = 1 << 17;

    private const int Known = 1;
    private const int Matched = 2;
    private const int Drained = 4;
    private const int TargetShift = 3;

    private const int AfterWord = 1;
    private const int AfterNewline = 2;
    private const int AtTextStart = 4;

    private readonly PatternProgram _program;
    private readonly SearchValues<byte>? _firstBytes;
    private readonly int _stride;
    private readonly int[] _visited;

    /// <summary>The states before any thread, by what came before; -1: not made yet.</summary>
    private readonly int[] _starts = [-1, -1, -1, -1, -1];
    private readonly Stack<int> _pending = new();
    private readonly List<int> _threads = [];
    private readonly List<int[]> _states = [];
    private readonly Dictionary<int[], int> _numbers = new(StateComparer.Instance);
    private int[] _next = [];
    private int _generation;
    private int _heldThreads;

    public LazyDfa(PatternProgram program, SearchValues<byte>? firstBytes)
    {
        _program = program;
        _firstBytes = firstBytes;
        _stride = program.Representatives.Length + 1;
        _visited = new int[program.Code.Length];
    }

    /// <summary>Bytes looked at since the automaton was made: the work that a search costs.</summary>
    public long Steps { get; private set; }

    /// <param name="from">The first place where a match may begin.</param>
    /// <param name="lastStart">The last such place.</param>
    /// <param name="end">A match goes no further; the byte there is looked at for assertions.</param>
    /// <param name="isTextStart">The text begins where the span begins.</param>
    /// <returns>Where the leftmost match ends; -1: there is none.</returns>
    public int FindEnd(ReadOnlySpan<byte> text, int from, int lastStart, int end, bool isTextStart)
    {
        var classOf = _program.ClassOf;
        var state = Start(text, from, isTextStart);
        var next = _next;
        var match = -1;
        var at = from;
        for (; at < end; at++)
        {
            var injects = at <= lastStart && match < 0 ? 1 : 0;
            var index = (((state * 2) + injects) * _stride) + classOf[text[at]];
            var transition = next[index];
            if (transition == 0)
            {
                transition = Step(state, injects != 0, classOf[text[at]]);
                next = _next;
            }

            if ((transition & Matched) != 0)
            {
                match = at;
            }

            state = transition >> TargetShift;
            if ((transition & Drained) == 0)
            {
                continue;
            }

            if (at >= lastStart || match >= 0)
            {
                Steps += at - from;
                return match;
            }

            // No thread is under way: go to where the next one can begin.
            if (_firstBytes is not null && lastStart - at > 8)
            {
                var skipped = text[(at + 1)..Math.Min(end, lastStart + 1)].IndexOfAny(_firstBytes);
                if (skipped < 0)
                {
                    Steps += at - from;
                    return match;
                }

                if (skipped > 0)
                {
                    at += skipped;
                    state = Start(text, at + 1, isTextStart);
                    next = _next;
                }
            }
        }

        Steps += end - from;
        var atEnd = end < text.Length ? classOf[text[end]] : _stride - 1;
        var startsAtEnd = at <= lastStart && match < 0;
        var last = _next[(((state * 2) + (startsAtEnd ? 1 : 0)) * _stride) + atEnd];
        if (last == 0)
        {
            last = Step(state, startsAtEnd, atEnd);
        }

        return (last & Matched) != 0 ? end : match;
    }

    private int Start(ReadOnlySpan<byte> text, int at, bool isTextStart)
    {
        var flags = 0;
        if (_program.HasAssertions)
        {
            flags = at > 0 ? After(text[at - 1]) : isTextStart ? AtTextStart : 0;
        }

        ref var state = ref _starts[flags];
        if (state < 0)
        {
            state = Number([flags]);
        }

        return state;
    }

    private static int After(byte value) => ByteSet.Word.Contains(value) ? AfterWord : value == '\n' ? AfterNewline : 0;

    private int Step(int state, bool injects, int byteClass)
    {
        var from = _states[state];
        var flags = from[0];
        _threads.Clear();
        _generation++;
        var matched = false;
        for (var i = 1; i < from.Length && !matched; i++)
        {
            matched = Follow(from[i], flags, byteClass);
        }

        if (injects && !matched)
        {
            matched = Follow(0, flags, byteClass);
        }

        var isEnd = byteClass == _stride - 1;
        var nextFlags = _program.HasAssertions && !isEnd ? After(_program.Representatives[byteClass]) : 0;
        int[] target = [nextFlags, .. _threads];
        var forgotten = _states.Count;
        var number = Number(target);
        var transition = (number << TargetShift) | (target.Length == 1 ? Drained : 0) | (matched ? Matched : 0) | Known;
        if (_states.Count >= forgotten)
        {
            _next[(((state * 2) + (injects ? 1 : 0)) * _stride) + byteClass] = transition;
        }

        return transition;
    }

    /// <summary>Adds what the thread becomes by taking the byte.</summary>
    /// <returns>Whether it reached a match before the byte: threads of less preference are then out.</returns>
    private bool Follow(int start, int flags, int byteClass)
    {
        var code = _program.Code;
        _pending.Clear();
        _pending.Push(start);
        while (_pending.TryPop(out var at))
        {
            if (_visited[at] == _generation)
            {
                continue;
            }

            _visited[at] = _generation;
            ref readonly var instruction = ref code[at];
            switch (instruction.Operation)
            {
                case Operation.Match:
                    return true;
                case Operation.Take:
                    if (byteClass < _stride - 1 && instruction.Set.Contains(_program.Representatives[byteClass]))
                    {
                        _threads.Add(instruction.First);
                    }

                    break;
                case Operation.Split:
                    _pending.Push(instruction.Second);
                    _pending.Push(instruction.First);
                    break;
                case Operation.Assert:
                    if (Holds((AssertionKind)instruction.Second, flags, byteClass))
                    {
                        _pending.Push(instruction.First);
                    }

                    break;
                default:
                    _pending.Push(instruction.First);
                    break;
            }
        }

        return false;
    }

    private bool Holds(AssertionKind kind, int flags, int byteClass)
    {
        var isEnd = byteClass == _stride - 1;
        var next = isEnd ? (byte)0 : _program.Representatives[byteClass];
        var isBoundary = (flags & AfterWord) != 0 != (!isEnd && ByteSet.Word.Contains(next));
        return kind switch
        {
            AssertionKind.TextStart => (flags & AtTextStart) != 0,
            AssertionKind.LineStart => (flags & (AtTextStart | AfterNewline)) != 0,
            AssertionKind.TextEnd => isEnd,
            AssertionKind.LineEnd => isEnd || next == '\n',
            AssertionKind.WordBoundary => isBoundary,
            _ => !isBoundary,
        };
    }

    private int Number(int[] state)
    {
        if (_numbers.TryGetValue(state, out var number))
        {
            return number;
        }

        _heldThreads += state.Length;
        if ((_states.Count + 1) * 2 * _stride > MostTransitions || _heldThreads > MostThreads)
        {
            _heldThreads = state.Length;
            _states.Clear();
            _numbers.Clear();
            Array.Clear(_next);
            Array.Fill(_starts, -1);
        }

        number = _states.Count;
        _states.Add(state);
        _numbers[state] = number;
        var needed = _states.Count * 2 * _stride;
        if (_next.Length < needed)
        {
            Array.Resize(ref _next, Math.Max(needed, Math.Min(_next.Length * 2, MostTransitions)));
        }

        return number;
    }

    private sealed class StateComparer : IEqualityComparer<int[]>
    {
        public static readonly StateComparer Instance = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] obj)
        {
            var hash = new HashCode();
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(obj.AsSpan()));
            return hash.ToHashCode();
        }
    }
}
