using Belljar.Detection;
using Belljar.Terminals;

namespace Belljar.Secrets;

/// <summary>Gathers what several threads find.</summary>
/// <param name="what">One of what is scanned: <c>file</c>.</param>
internal sealed class ScanTally(ProgressLine progress, string what)
{
    private readonly Lock _lock = new();
    private readonly List<LocatedFinding> _findings = [];
    private readonly List<string> _incomplete = [];
    private readonly List<string> _unreadable = [];
    private int _scanned;
    private long _bytes;

    public void Add(string path, string? commit, Scanner scanner)
    {
        lock (_lock)
        {
            _findings.AddRange(scanner.Findings.Select(finding => new LocatedFinding(path, commit, finding)));
            if (scanner.Incomplete is { } why)
            {
                _incomplete.Add($"{path}: {why}");
            }

            _bytes += scanner.Pushed;
            progress.Report(++_scanned);
        }
    }

    public void AddUnreadable(string path)
    {
        lock (_lock)
        {
            _unreadable.Add(path);
        }
    }

    /// <summary>In an order that does not depend on which thread was first.</summary>
    public ScanResults Results()
    {
        lock (_lock)
        {
            return new ScanResults(
                [.. _findings.OrderBy(found => found.Path, StringComparer.Ordinal).ThenBy(found => found.Commit, StringComparer.Ordinal).ThenBy(found => found.Finding.Offset)],
                [.. _incomplete.Order(StringComparer.Ordinal)],
                [.. _unreadable.Order(StringComparer.Ordinal)],
                _scanned,
                what,
                _bytes);
        }
    }
}
