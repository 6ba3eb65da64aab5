using System.Buffers;
using Belljar.Detection.Scanning;

namespace Belljar.Detection;

/// <summary>
/// Scans one stream of bytes as it comes. How it is cut into pieces makes no difference to what is found. Not thread-safe;
/// its <see cref="RuleSet"/> is.
/// </summary>
/// <remarks>
/// <code>
///          ┌── before ──┬────── block ──────┬── after ──┐
///   stream ─────────────┼───────────────────┼───────────────▶
///                       what begins here is judged, with 16 KiB on either side in view
/// </code>
/// Blocks lie at multiples of 32 KiB of the stream, wherever it was cut: that is why cutting cannot matter.
/// </remarks>
public sealed class Scanner : IDisposable
{
    /// <summary>
    /// While a stream goes on, everything but the last so many bytes has been judged. Who must not let a secret out holds
    /// back that many.
    /// </summary>
    public const int HoldBack = Block + Context + Lookback;

    private const int Block = 32 * 1024;
    private const int Context = 16 * 1024;
    private const int Lookback = 2 * 1024;
    private const int SmallestBuffer = 4 * 1024;
    private const int Remembered = 512;

    private readonly List<Finding> _findings = [];
    private readonly Queue<Finding> _recent = new();
    private readonly long[] _tried;
    private readonly ScanBudget _budget;
    private readonly bool _ownsBudget;
    private readonly int _depth;
    private byte[] _buffer = [];
    private int _length;
    private long _base;
    private long _block;
    private long _lines;
    private long _lineStart;
    private bool _isComplete;

    /// <param name="path">The file's name, for rules and allow-lists that ask; null where there is none.</param>
    /// <param name="commit">The commit that brought the file, for allow-lists that ask.</param>
    public Scanner(RuleSet rules, string? path = null, string? commit = null)
        : this(rules, path, commit, new ScanBudget(rules.Limits), 0)
    {
        _ownsBudget = true;
    }

    internal Scanner(RuleSet rules, string? path, string? commit, ScanBudget budget, int depth)
    {
        Rules = rules;
        Path = path;
        Commit = commit;
        _budget = budget;
        _depth = depth;
        _tried = new long[rules.Compiled.Length];
    }

    public RuleSet Rules { get; }

    public string? Path { get; }

    public string? Commit { get; }

    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Bytes pushed so far.</summary>
    public long Pushed => _base + _length;

    /// <summary>No finding that is still to come begins before this offset.</summary>
    public long JudgedThrough => _isComplete ? Pushed : Math.Max(0, _block - Lookback);

    /// <summary>Something was not looked at because a limit was reached; null: everything was.</summary>
    public string? Incomplete => _budget.Incomplete;

    /// <summary>Bytes that decoding produced: the work that a hostile input caused.</summary>
    public long DecodedBytes => _budget.Decoded;

    /// <exception cref="InvalidOperationException">The stream was completed.</exception>
    public void Push(ReadOnlySpan<byte> bytes)
    {
        if (_isComplete)
        {
            throw new InvalidOperationException("The stream was completed.");
        }

        while (!bytes.IsEmpty)
        {
            var wanted = (int)(_block + Block + Context - _base);
            Reserve(Math.Min(wanted, _length + bytes.Length));
            var taken = Math.Min(bytes.Length, wanted - _length);
            bytes[..taken].CopyTo(_buffer.AsSpan(_length));
            bytes = bytes[taken..];
            _length += taken;
            if (_length == wanted)
            {
                Judge(Block);
            }
        }
    }

    /// <summary>There is no more.</summary>
    public void Complete()
    {
        while (!_isComplete && _block < Pushed)
        {
            Judge((int)Math.Min(Block, Pushed - _block));
        }

        if (!_isComplete && _depth == 0 && Path is not null)
        {
            JudgePath(Path);
        }

        _isComplete = true;
        Release();
    }

    public void Dispose() => Release();

    private void Judge(int length)
    {
        if (_ownsBudget)
        {
            _budget.Grow(Pushed);
        }

        var from = (int)(_block - _base);
        var text = _buffer.AsSpan(0, _length);
        var scan = Rules.Rent();
        scan.Begin(Path, Commit, _budget);
        scan.Scan(text, from, from + length, _base == 0, _tried, _base, _depth);
        if (scan.Found.Count > 0)
        {
            Report(scan.Found, text, from);
        }

        Rules.Return(scan);
        CountLines(text.Slice(from, length));
        _block += length;
        Slide();
    }

    /// <summary>Rules that speak of the file's name alone.</summary>
    private void JudgePath(string path)
    {
        var scan = Rules.Rent();
        scan.Begin(path, Commit, _budget);
        foreach (var rule in Rules.Compiled)
        {
            if (rule.Pattern < 0 && rule.PathPattern >= 0 && !rule.Rule.SkipReport && scan.IsMatch(rule.PathPattern, scan.PathBytes))
            {
                _findings.Add(new Finding(FindingKind.Rule, rule.Rule.Id, 0, 0, 1, 1, "", "…", 0));
            }
        }

        Rules.Return(scan);
    }

    /// <summary>Generic rules last: they yield to any other that names the same bytes.</summary>
    private void Report(List<Candidate> found, ReadOnlySpan<byte> text, int from)
    {
        foreach (var candidate in found)
        {
            if (!candidate.IsGeneric)
            {
                Report(candidate, text, from);
            }
        }

        foreach (var candidate in found)
        {
            if (candidate.IsGeneric)
            {
                Report(candidate, text, from);
            }
        }
    }

    private void Report(Candidate candidate, ReadOnlySpan<byte> text, int from)
    {
        var offset = _base + candidate.Start;
        var end = _base + candidate.End;
        foreach (var earlier in _recent)
        {
            if (earlier.Offset < end && offset < earlier.Offset + earlier.Length && (candidate.IsGeneric || earlier.RuleId == candidate.RuleId))
            {
                return;
            }
        }

        if (_findings.Count >= Rules.Limits.MostFindings)
        {
            _budget.Refuse("there are more findings than are kept");
            return;
        }

        var (line, column) = PlaceOf(candidate.Start, text, from);
        var finding = new Finding(
            candidate.Kind, candidate.RuleId, offset, (int)(end - offset), line, column, candidate.Encoding, candidate.Sample, candidate.Tag);
        _findings.Add(finding);
        _recent.Enqueue(finding);
        if (_recent.Count > Remembered)
        {
            _recent.Dequeue();
        }
    }

    private (long Line, int Column) PlaceOf(int place, ReadOnlySpan<byte> text, int from)
    {
        var lines = place >= from ? _lines + text[from..place].Count((byte)'\n') : _lines - text[place..from].Count((byte)'\n');
        var newline = text[..place].LastIndexOf((byte)'\n');
        var lineStart = newline >= 0 ? _base + newline + 1 : place >= from || _lineStart <= _base ? Math.Min(_lineStart, _base + place) : _base;
        return (lines + 1, (int)Math.Min(int.MaxValue, _base + place - lineStart + 1));
    }

    private void CountLines(ReadOnlySpan<byte> block)
    {
        _lines += block.Count((byte)'\n');
        if (block.LastIndexOf((byte)'\n') is var last and >= 0)
        {
            _lineStart = _block + last + 1;
        }
    }

    /// <summary>Forgets what is too far back to be looked at.</summary>
    private void Slide()
    {
        var unneeded = (int)(Math.Max(0, _block - Context) - _base);
        if (unneeded > 0)
        {
            _buffer.AsSpan(unneeded, _length - unneeded).CopyTo(_buffer);
            _base += unneeded;
            _length -= unneeded;
        }
    }

    private void Reserve(int length)
    {
        if (_buffer.Length >= length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(length, SmallestBuffer));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        var smaller = _buffer;
        _buffer = larger;
        Return(smaller);
    }

    private void Release()
    {
        _base = Pushed;
        _length = 0;
        Return(_buffer);
        _buffer = [];
    }

    /// <summary>What was scanned is not left lying in the pool.</summary>
    private static void Return(byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }
}
