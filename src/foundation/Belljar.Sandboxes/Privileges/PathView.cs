namespace Belljar.Sandboxes.Privileges;

/// <summary>
/// Which folders keep a user from paths that it must reach, and what to mount so that it can: each such folder (the topmost
/// on the way) is covered by an empty one that holds just those paths at the same names.
/// </summary>
/// <param name="Covers">In the order of their names; empty when nothing is in the way.</param>
/// <param name="Stage">A folder where the covers are put together before they are moved to their places.</param>
public sealed record PathView(IReadOnlyList<PathCover> Covers, string Stage)
{
    private static readonly string[] Stages = ["/mnt", "/media", "/srv", "/opt", "/home"];

    public bool IsNeeded => Covers.Count > 0;

    /// <param name="paths">Absolute, existing, without links.</param>
    /// <param name="maySearch">Whether the user may pass through a folder.</param>
    public static PathView Plan(IEnumerable<string> paths, Func<string, bool> maySearch)
    {
        var covers = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            if (Above(path).FirstOrDefault(folder => !maySearch(folder)) is { } blocked)
            {
                covers.TryAdd(blocked, new SortedSet<string>(StringComparer.Ordinal));
                covers[blocked].Add(path);
            }
        }

        var all = covers.Select(pair => new PathCover(pair.Key, WithoutNested(pair.Value))).ToList();
        return new PathView(all, Stages.First(stage => all.All(cover => !Overlap(stage, cover.Folder))));
    }

    /// <summary>The folders above a path, from the first below the root. The root itself is everybody's.</summary>
    private static IEnumerable<string> Above(string path)
    {
        for (var slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return path[..slash];
        }
    }

    private static List<string> WithoutNested(SortedSet<string> paths) =>
        [.. paths.Where(path => !paths.Any(other => IsBelow(path, other)))];

    private static bool Overlap(string a, string b) => a == b || IsBelow(a, b) || IsBelow(b, a);

    private static bool IsBelow(string path, string folder) => path.StartsWith(folder + "/", StringComparison.Ordinal);
}

/// <param name="Folder">What is covered.</param>
/// <param name="Paths">What stays visible of it.</param>
public sealed record PathCover(string Folder, IReadOnlyList<string> Paths);
