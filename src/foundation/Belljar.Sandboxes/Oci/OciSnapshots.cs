using Belljar.Sandboxes.Files;

namespace Belljar.Sandboxes.Oci;

/// <summary>Copies of a sandbox's writable layers. What is in memory or in a tmpfs is not in them.</summary>
/// <param name="hasDisk">The layers are in a disk of a fixed size, which is copied as one.</param>
internal sealed class OciSnapshots(OciPaths paths, bool hasDisk)
{
    public IReadOnlyList<string> List() => Directory.Exists(paths.Snapshots)
        ? [.. Directory.EnumerateDirectories(paths.Snapshots).Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal)]
        : [];

    public async Task TakeAsync(string name, CancellationToken ct)
    {
        SandboxNames.Check(name);
        var place = Path.Combine(paths.Snapshots, name);
        if (Directory.Exists(place))
        {
            throw new SandboxException($"There is a snapshot '{name}' already.");
        }

        var fresh = Path.Combine(paths.Snapshots, $".{Guid.NewGuid():N}");
        Directory.CreateDirectory(fresh, (UnixFileMode)0x1C0);
        foreach (var (part, copy) in Parts(fresh))
        {
            await FolderRemoval.CopyAsync(part, copy, ct);
        }

        Directory.Move(fresh, place);
    }

    /// <summary>The sandbox is stopped.</summary>
    public async Task RestoreAsync(string name, CancellationToken ct)
    {
        if (!List().Contains(name))
        {
            throw new SandboxException($"There is no snapshot '{name}'. Known: {string.Join(", ", List())}.");
        }

        foreach (var layer in Layers())
        {
            await FolderRemoval.RemoveAsync(paths.Layer(layer, "work"), ct);
            Directory.CreateDirectory(paths.Layer(layer, "work"), (UnixFileMode)0x1C0);
        }

        foreach (var (part, copy) in Parts(Path.Combine(paths.Snapshots, name)))
        {
            await FolderRemoval.RemoveAsync(part, ct);
            await FolderRemoval.CopyAsync(copy, part, ct);
        }
    }

    /// <summary>What is copied, and where to below a snapshot's folder.</summary>
    private IEnumerable<(string Part, string Copy)> Parts(string snapshot) => hasDisk
        ? [(paths.Disk, Path.Combine(snapshot, "disk"))]
        : Layers().Select(layer => (paths.Layer(layer, "upper"), Path.Combine(snapshot, layer)));

    /// <summary>None when they are in a disk: it is mounted in the sandbox only.</summary>
    private IEnumerable<string> Layers() => Directory.EnumerateDirectories(paths.Layers).Select(path => Path.GetFileName(path));
}
