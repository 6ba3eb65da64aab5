using Belljar.Sandboxes.Files;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Native;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Oci;

/// <summary>
/// Puts a sandbox's root file system together on its mount point, in a mount namespace of the calling thread's own:
/// overlays whose lower layer is shown with the sandbox's owners, and the operator's own mounts. Nothing of it is visible
/// on the host, and it is gone with the last process inside.
/// </summary>
internal sealed class RootMount(SandboxRecord record, OciPaths paths, SafeFileHandle userNamespace)
{
    private const string Unmapped = "Files of the image belong to 'nobody' inside: this file system cannot show them with other owners.";

    private readonly HashSet<string> _warnings = [];

    /// <summary>In what the root file system falls short, a sentence each.</summary>
    public IReadOnlyCollection<string> Warnings => _warnings;

    public void Mount()
    {
        if (record.HasDisk)
        {
            DiskImage.Mount(paths.Disk, paths.Layers);
        }

        Overlay(record.RootfsFolder, "root", "/");
        if (record.UsesHost)
        {
            foreach (var name in HostRootfs.RealTopFolders.Prepend("usr"))
            {
                MountOfHost(name);
            }
        }

        foreach (var mount in record.Mounts)
        {
            Bind(mount);
        }
    }

    public SandboxTree Tree() => new(HostFolder.Open(paths.MountPoint, pathOnly: true), record.IdBase);

    /// <summary>
    /// A folder of the host's, to be written on in a layer of the sandbox's own, with what is mounted below it.
    /// To an ordinary user its files are nobody's, so that writing is refused anyhow; and what is mounted below is locked to
    /// its place in his user namespace: no overlay may stand on such a folder.
    /// </summary>
    private void MountOfHost(string name)
    {
        var folder = $"/{name}";
        if (Rootless.IsEntered)
        {
            BindReadOnly(folder);
            _warnings.Add(HostRootfs.NotWritable);
            return;
        }

        Overlay(folder, name, folder);
        foreach (var place in MountTable.Below(folder))
        {
            BindReadOnly(place);
        }
    }

    /// <summary>The host's folder (or file) at the same place inside, if the sandbox has left that place.</summary>
    private void BindReadOnly(string path)
    {
        using var tree = Tree();
        using var place = tree.TryOpen(path, SandboxTree.OpenPath);
        if (place is null)
        {
            return;
        }

        using var copy = MountCalls.Clone(path);
        MapOwners(copy);
        MountCalls.SetAttributes(copy, MountCalls.NoSuid | MountCalls.NoDevices | MountCalls.ReadOnly);
        MountCalls.Attach(copy, place);
    }

    private void Overlay(string lower, string layer, string target)
    {
        var lowerView = paths.Layer(layer, "lower");
        using (var copy = MountCalls.Clone(lower))
        {
            MapOwners(copy);
            using var view = HostFolder.Open(lowerView, pathOnly: true);
            MountCalls.Attach(copy, view);
        }

        var attributes = MountCalls.NoDevices | (record.Profile == SandboxProfile.Agent ? MountCalls.NoSuid : 0);
        List<(string, string?)> options =
        [
            ("lowerdir", lowerView.Replace("\\", "\\\\").Replace(":", "\\:")),
            ("upperdir", paths.Layer(layer, "upper")),
            ("workdir", paths.Layer(layer, "work")),
        ];
        if (Rootless.IsEntered)
        {
            options.Add(("userxattr", null)); // Its marks in attributes that a user may set.
        }

        using var overlay = MountCalls.Make("overlay", attributes, [.. options]);
        using var place = Place(target);
        MountCalls.Attach(overlay, place);
    }

    private void Bind(SandboxMount mount)
    {
        using var copy = MountCalls.Clone(mount.HostPath);
        MapOwners(copy);
        MountCalls.SetAttributes(copy, MountCalls.NoSuid | MountCalls.NoDevices | (mount.ReadOnly ? MountCalls.ReadOnly : 0));
        using var tree = Tree();
        var (user, group) = (tree.ToHost(record.User.Uid), tree.ToHost(record.User.Gid));
        if (Directory.Exists(mount.HostPath))
        {
            using var folder = tree.Folders(mount.Path, user, group);
            MountCalls.Attach(copy, folder);
            return;
        }

        if (tree.TryOpen(mount.Path, SandboxTree.OpenPath) is not { } file)
        {
            SandboxFiles.Write(tree, mount.Path, [], SandboxFileAttributes.Default, record.User);
            file = tree.TryOpen(mount.Path, SandboxTree.OpenPath) ?? throw new SandboxException($"Cannot mount on {mount.Path}.");
        }

        using (file)
        {
            MountCalls.Attach(copy, file);
        }
    }

    private SafeFileHandle Place(string target)
    {
        if (target == "/")
        {
            return HostFolder.Open(paths.MountPoint, pathOnly: true);
        }

        // What is at this name may be a link that the sandbox left there: resolved inside, never on the host.
        using var tree = Tree();
        return tree.TryOpen(target, SandboxTree.OpenPath | SandboxTree.Folder)
            ?? throw new SandboxException($"The sandbox {record.Name} has no folder {target} any more.");
    }

    private void MapOwners(SafeFileHandle copy)
    {
        // An ordinary user's images are kept with the sandboxes' numbers; his own files and the host's are nobody's inside.
        if (Rootless.IsEntered ? record.Mounts.Count > 0 : !MountCalls.TryMapIds(copy, userNamespace))
        {
            _warnings.Add(Unmapped);
        }
    }
}
