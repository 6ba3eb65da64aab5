using System.Text;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Native;

namespace Belljar.Sandboxes.Oci;

/// <summary>Makes the files of a new sandbox.</summary>
internal static class OciFiles
{
    private const UnixFileMode Private = (UnixFileMode)0x1C0;
    private const UnixFileMode Common = (UnixFileMode)0x1ED;

    /// <returns>The record as it came out: where the disk cannot be limited, it says why.</returns>
    public static async Task<SandboxRecord> MakeAsync(SandboxRecord record, OciPaths paths, CancellationToken ct)
    {
        Directory.CreateDirectory(paths.Folder, Private);
        Directory.CreateDirectory(paths.Layers, Private);
        File.WriteAllBytes(paths.Config, Encoding.UTF8.GetBytes(OciConfig.Build(record, paths, CgroupSupport.Detect()).ToJsonString()));
        if (record.Limits.DiskBytes is { } bytes)
        {
            record = record with { DiskProblem = await TryMakeOnDiskAsync(record, paths, bytes, ct) };
        }

        if (!record.HasDisk)
        {
            MakeLayers(record, paths);
        }

        return record;
    }

    /// <returns>Why not; null when it has been done.</returns>
    private static async Task<string?> TryMakeOnDiskAsync(SandboxRecord record, OciPaths paths, long bytes, CancellationToken ct)
    {
        if (Rootless.IsEntered)
        {
            return "only root can mount a disk of a fixed size.";
        }

        try
        {
            await DiskImage.MakeAsync(paths.Disk, bytes, ct);
            return await Namespaces.WithPrivateMountsAsync(() =>
            {
                DiskImage.Mount(paths.Disk, paths.Layers);
                MakeLayers(record, paths);
                return (string?)null;
            });
        }
        catch (Exception error) when (error is SandboxException or NativeException)
        {
            File.Delete(paths.Disk);
            return error.Message;
        }
    }

    private static void MakeLayers(SandboxRecord record, OciPaths paths)
    {
        MakeLayer("root");
        if (record.UsesHost)
        {
            MakeLayer("usr");
            foreach (var name in HostRootfs.RealTopFolders)
            {
                MakeLayer(name);
            }

            MakeOwnFiles(record, Path.Combine(paths.Layer("root", "upper"), "etc"));
        }

        if (record.User.Uid != 0)
        {
            MakeHome(record, paths.Layer("root", "upper"));
        }

        void MakeLayer(string layer)
        {
            Directory.CreateDirectory(paths.Layer(layer, "lower"), Private);
            Directory.CreateDirectory(paths.Layer(layer, "work"), Private);
            MakeFolder(paths.Layer(layer, "upper"), Common, record.IdBase, record.IdBase);
        }
    }

    private static void MakeOwnFiles(SandboxRecord record, string etc)
    {
        MakeFolder(etc, Common, record.IdBase, record.IdBase);
        foreach (var (name, text) in HostRootfs.OwnFiles(record.Hostname, record.User))
        {
            var path = Path.Combine(etc, name);
            File.WriteAllText(path, text);
            File.SetUnixFileMode(path, (UnixFileMode)0x1A4);
            Own(path, record.IdBase, record.IdBase);
        }
    }

    private static void MakeHome(SandboxRecord record, string upper)
    {
        var folder = upper;
        foreach (var part in record.User.Home.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            folder = Path.Combine(folder, part);
            MakeFolder(folder, Common, record.IdBase, record.IdBase);
        }

        MakeFolder(folder, Private, record.IdBase + (uint)record.User.Uid, record.IdBase + (uint)record.User.Gid);
    }

    private static void MakeFolder(string path, UnixFileMode mode, uint user, uint group)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, mode);
        Own(path, user, group);
    }

    private static void Own(string path, uint user, uint group)
    {
        if (Libc.lchown(path, user, group) != 0)
        {
            throw NativeException.Last($"giving {path} to the sandbox");
        }
    }
}
