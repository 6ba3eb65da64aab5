using Belljar.Sandboxes.Files;
using Belljar.Sandboxes.Isolation;

namespace Belljar.Sandboxes.Oci;

/// <summary>Finds what no sandbox of a store has any more.</summary>
internal sealed class OciRemains(SandboxSettings settings, Func<OciPaths, OciRuntime> runtimeFor)
{
    public IReadOnlyList<SandboxRemains> Find()
    {
        var any = new OciPaths(settings, "x");
        var running = Names(any.RuntimeRoot).Union(Names(Path.GetDirectoryName(any.Running)!));
        var files = Names(settings.StateFolder).Where(name => !name.StartsWith('.'))
            .Union(Names(Path.GetDirectoryName(any.DeletionMark)!))
            .Union(MakingMark.Abandoned(Path.GetDirectoryName(any.MakingMark)!))
            .Union(new SubIds(any.SubIds).Names());
        return
        [
            .. running.Where(IsLeft).Select(name => Teardown(name).RuntimeRemains(name)),
            .. files.Where(IsLeft).Select(name => Teardown(name).FileRemains(name)),
            .. HostRootfs.Abandoned(settings.StateFolder).Select(Unfinished),
        ];
    }

    private static SandboxRemains Unfinished(string folder) => new("-", $"an unfinished copy of the host's /etc in {folder}", FolderRemoval.Command(folder))
    {
        Remove = ct => FolderRemoval.RemoveAsync(folder, ct),
    };

    private OciTeardown Teardown(string name)
    {
        var paths = new OciPaths(settings, name);
        return new OciTeardown(runtimeFor(paths), paths, new SubIds(paths.SubIds));
    }

    /// <summary>Neither a whole sandbox nor one that somebody is making.</summary>
    private bool IsLeft(string name)
    {
        var paths = new OciPaths(settings, name);
        return !MakingMark.IsUnderWay(paths.MakingMark) && (!File.Exists(paths.Record) || File.Exists(paths.DeletionMark));
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)) : [];
}
