using System.Text;
using Belljar.Detection.Decoding;
using Belljar.Detection.Patterns;
using Belljar.Detection.Prefilter;

namespace Belljar.Detection.Scanning;

/// <summary>
/// Scans one block of text with everything around it that matters, and what its encodings hide, one level after the other.
/// Holds the automata and buffers; belongs to one thread at a time.
/// </summary>
internal sealed partial class BlockScan
{
    private readonly RuleSet _set;
    private readonly LazyDfa?[] _automata;
    private readonly CaptureMachine _captures = new();
    private readonly Level[] _levels;
    private readonly int[] _slots;
    private readonly int[] _otherSlots;

    public BlockScan(RuleSet set)
    {
        _set = set;
        _automata = new LazyDfa?[set.Patterns.Length];
        _levels = [.. Enumerable.Range(0, set.Limits.Depth + 1).Select(_ => new Level(set.Compiled.Length))];
        var slots = 2 * (set.Patterns.Select(pattern => pattern.Groups).DefaultIfEmpty().Max() + 1);
        _slots = new int[slots];
        _otherSlots = new int[slots];
    }

    public string? Path { get; private set; }

    public byte[] PathBytes { get; private set; } = [];

    public string? Commit { get; private set; }

    public HitList Words { get; } = new();

    public List<Candidate> Found { get; } = [];

    public ScanBudget Budget { get; private set; } = new(ScanLimits.Default);

    /// <summary>Bytes that regexes looked at: tests hold it against the bytes scanned.</summary>
    public long Steps => _automata.Sum(automaton => automaton?.Steps ?? 0);

    public void Begin(string? path, string? commit, ScanBudget budget)
    {
        if (path != Path)
        {
            PathBytes = path is null ? [] : Encoding.UTF8.GetBytes(path);
        }

        (Path, Commit, Budget) = (path, commit, budget);
        Found.Clear();
    }

    public bool IsMatch(int pattern, ReadOnlySpan<byte> text) =>
        Automaton(pattern).FindEnd(text, 0, text.Length, text.Length, isTextStart: true) >= 0;

    /// <summary>Adds to <see cref="Found"/> what begins in <c>[from, to)</c> of the text.</summary>
    /// <param name="isTextStart">Nothing comes before the text.</param>
    /// <param name="tried">For each rule where its next match may begin; lives as long as the stream.</param>
    /// <param name="offset">The text's own place in the stream.</param>
    /// <param name="depth">How many encodings were undone to get it.</param>
    public void Scan(ReadOnlySpan<byte> text, int from, int to, bool isTextStart, long[] tried, long offset, int depth)
    {
        var hits = _levels[depth].Hits;
        var attempts = _levels[depth].Attempts;
        hits.Clear();
        _set.Literals.Search(text, from, to, hits);
        for (var i = 0; i < hits.Count; i++)
        {
            var hit = hits[i];
            foreach (var target in _set.Targets[hit.Literal])
            {
                if (target.Rule >= 0)
                {
                    var rule = _set.Compiled[target.Rule];
                    var (first, last) = (hit.Start - rule.Before.Most, hit.Start - rule.Before.Least);
                    if (!attempts.TryExtend(target.Rule, first, last, out var before))
                    {
                        Try(target.Rule, text, before.First, before.Last, isTextStart, tried, offset);
                    }
                }
                else
                {
                    Keep(target, text, hit.Start, hit.Start + _set.Literals.LengthOf(hit.Literal));
                }
            }
        }

        while (attempts.TryTake(out var rule, out var attempt))
        {
            Try(rule, text, attempt.First, attempt.Last, isTextStart, tried, offset);
        }

        foreach (var rule in _set.Unfiltered)
        {
            Try(rule, text, from, to - 1, isTextStart, tried, offset);
        }

        if (depth < _set.Limits.Depth)
        {
            Decode(text, from, to, depth);
        }
    }

    /// <summary>Scans what a part of the text became, a level down.</summary>
    /// <returns>The number of candidates before: those from there on have places in the decoded text.</returns>
    private int Descend(ReadOnlySpan<byte> decoded, int depth)
    {
        var before = Found.Count;
        if (Budget.TryTake(decoded.Length))
        {
            var tried = _levels[depth + 1].Tried;
            Array.Clear(tried);
            Scan(decoded, 0, decoded.Length, isTextStart: true, tried, 0, depth + 1);
        }

        return before;
    }

    private LazyDfa Automaton(int pattern) => _automata[pattern] ??= _set.Patterns[pattern].CreateAutomaton();

    /// <summary>What one level of decoding needs for itself while the levels below it run.</summary>
    private sealed class Level(int rules)
    {
        private byte[] _buffer = [];
        private byte[] _decoded = [];

        public HitList Hits { get; } = new();

        public Attempts Attempts { get; } = new(rules);

        public long[] Tried { get; } = new long[rules];

        public OffsetMap Map { get; } = new();

        public byte[] Buffer(int length) => Grown(ref _buffer, length);

        /// <summary>A second one, for decoders that need both.</summary>
        public byte[] Decoded(int length) => Grown(ref _decoded, length);

        private static byte[] Grown(ref byte[] buffer, int length)
        {
            if (buffer.Length < length)
            {
                buffer = new byte[Math.Max(length, 2 * buffer.Length)];
            }

            return buffer;
        }
    }
}
