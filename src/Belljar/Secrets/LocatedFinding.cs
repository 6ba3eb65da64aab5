using Belljar.Detection;

namespace Belljar.Secrets;

/// <summary>A finding, and the file or git object that it is in.</summary>
/// <param name="Path">The file's path, or what else was scanned: <c>commit message</c>.</param>
/// <param name="Commit">The oldest commit that has it; null outside git.</param>
internal sealed record LocatedFinding(string Path, string? Commit, Finding Finding);

/// <param name="Incomplete">Paths of which something was not looked at, and why.</param>
/// <param name="Unreadable">Paths that could not be read.</param>
/// <param name="What">One of what was scanned: <c>file</c>.</param>
internal sealed record ScanResults(
    IReadOnlyList<LocatedFinding> Findings, IReadOnlyList<string> Incomplete, IReadOnlyList<string> Unreadable, int Scanned, string What, long Bytes);
