using Belljar.Sandboxes.Files;

namespace Belljar.Sandboxes.Oci;

/// <summary>Copies of a sandbox's writable layers. What is in memory or in a tmpfs is not in them.</summary>
internal sealed class OciSnapshots(OciPaths paths)
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
        foreach (var layer in Layers())
        {
            await FolderRemoval.CopyAsync(paths.Layer(layer, "upper"), Path.Combine(fresh, layer), ct);
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
            await FolderRemoval.RemoveAsync(paths.Layer(layer, "upper"), ct);
            await FolderRemoval.RemoveAsync(paths.Layer(layer, "work"), ct);
            Directory.CreateDirectory(paths.Layer(layer, "work"), (UnixFileMode)0x1C0);
            await FolderRemoval.CopyAsync(Path.Combine(paths.Snapshots, name, layer), paths.Layer(layer, "upper"), ct);
        }
    }

    private IEnumerable<string> Layers() => Directory.EnumerateDirectories(Path.Combine(paths.Folder, "layers")).Select(path => Path.GetFileName(path));
}
