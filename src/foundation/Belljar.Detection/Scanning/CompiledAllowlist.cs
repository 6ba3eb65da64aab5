using System.Text;
using Belljar.Detection.Patterns;
using Belljar.Detection.Prefilter;
using Belljar.Detection.Rules;

namespace Belljar.Detection.Scanning;

/// <summary>An allow-list made ready: patterns by their number in the rule set, stop words as one search.</summary>
internal sealed class CompiledAllowlist
{
    private readonly Allowlist _list;
    private readonly int[] _regexes;
    private readonly int[] _paths;
    private readonly LiteralSet _stopwords;
    private readonly byte[][] _shortStopwords;

    public CompiledAllowlist(Allowlist list, int[] regexes, int[] paths)
    {
        _list = list;
        _regexes = regexes;
        _paths = paths;
        var words = list.Stopwords.Where(word => word.Length > 0).Select(word => Encoding.UTF8.GetBytes(word.ToLowerInvariant())).ToList();
        _stopwords = new LiteralSet([.. words.Where(word => word.Length >= LiteralSet.Shortest).Select(word => new Literal(word, IsExact: false))]);
        _shortStopwords = [.. words.Where(word => word.Length < LiteralSet.Shortest)];
    }

    public bool Covers(BlockScan scan, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> match, ReadOnlySpan<byte> line)
    {
        var target = _list.RegexTarget switch { AllowlistTarget.Match => match, AllowlistTarget.Line => line, _ => secret };
        if (_list.Condition == AllowlistCondition.Or)
        {
            return (_regexes.Length > 0 && MatchesAny(scan, _regexes, target))
                || (_list.Stopwords.Count > 0 && HasStopword(scan, secret))
                || (_paths.Length > 0 && IsPath(scan))
                || (_list.Commits.Count > 0 && IsCommit(scan));
        }

        return _regexes.Length + _list.Stopwords.Count + _paths.Length + _list.Commits.Count > 0
            && (_regexes.Length == 0 || MatchesAny(scan, _regexes, target))
            && (_list.Stopwords.Count == 0 || HasStopword(scan, secret))
            && (_paths.Length == 0 || IsPath(scan))
            && (_list.Commits.Count == 0 || IsCommit(scan));
    }

    private static bool MatchesAny(BlockScan scan, int[] patterns, ReadOnlySpan<byte> text)
    {
        foreach (var pattern in patterns)
        {
            if (scan.IsMatch(pattern, text))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasStopword(BlockScan scan, ReadOnlySpan<byte> secret)
    {
        scan.Words.Clear();
        _stopwords.Search(secret, 0, secret.Length, scan.Words);
        if (scan.Words.Count > 0)
        {
            return true;
        }

        Span<byte> lower = stackalloc byte[LiteralSet.Shortest];
        foreach (var word in _shortStopwords)
        {
            for (var at = 0; at + word.Length <= secret.Length; at++)
            {
                Ascii.ToLower(secret.Slice(at, word.Length), lower, out _);
                if (lower[..word.Length].SequenceEqual(word))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool IsPath(BlockScan scan) => scan.Path is not null && MatchesAny(scan, _paths, scan.PathBytes);

    private bool IsCommit(BlockScan scan) => scan.Commit is { } commit && _list.Commits.Contains(commit, StringComparer.OrdinalIgnoreCase);
}
