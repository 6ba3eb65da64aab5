namespace Belljar.Sandboxes.Oci;

/// <summary>Finds what no sandbox of a store has any more.</summary>
internal sealed class OciRemains(SandboxSettings settings, Func<OciPaths, OciRuntime> runtimeFor)
{
    /// <summary>A folder without a record may belong to a sandbox that is being made right now.</summary>
    private static readonly TimeSpan LongestMaking = TimeSpan.FromMinutes(10);

    public IReadOnlyList<SandboxRemains> Find()
    {
        var found = new List<SandboxRemains>();
        var runtimeRoot = new OciPaths(settings, "x").RuntimeRoot;
        foreach (var name in Names(runtimeRoot).Union(Names(Path.Combine(settings.RunFolder, "state"))))
        {
            if (!IsWhole(name))
            {
                found.Add(Teardown(name).RuntimeRemains(name));
            }
        }

        found.AddRange(Names(settings.StateFolder).Union(Marked()).Where(name => !name.StartsWith('.') && !IsWhole(name) && IsOld(name)).Select(name => Teardown(name).FileRemains(name)));
        return found;
    }

    private OciTeardown Teardown(string name)
    {
        var paths = new OciPaths(settings, name);
        return new OciTeardown(runtimeFor(paths), paths, new SubIds(paths.SubIds));
    }

    private bool IsWhole(string name)
    {
        var paths = new OciPaths(settings, name);
        return File.Exists(paths.Record) && !File.Exists(paths.DeletionMark);
    }

    private bool IsOld(string name)
    {
        var paths = new OciPaths(settings, name);
        return File.Exists(paths.DeletionMark) || settings.Clock.GetUtcNow().UtcDateTime - Directory.GetLastWriteTimeUtc(paths.Folder) > LongestMaking;
    }

    private IEnumerable<string> Marked()
    {
        var folder = Path.GetDirectoryName(new OciPaths(settings, "x").DeletionMark)!;
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)) : [];
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)) : [];
}
