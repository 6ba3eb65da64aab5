using System.Formats.Tar;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Belljar.Sandboxes.Files;
using Belljar.Sandboxes.Images;
using Belljar.Sandboxes.Isolation;

namespace Belljar.Sandboxes.Docker;

/// <summary>Gives the engine the root file systems that sandboxes start from, each once.</summary>
internal sealed class DockerImages(EngineClient engine, SandboxSettings settings)
{
    /// <summary>The engine's name of the image for a root file system; it is imported when the engine does not have it.</summary>
    public async Task<string> EnsureAsync(SandboxRootfs rootfs, CancellationToken ct)
    {
        var (folder, tag) = rootfs switch
        {
            SandboxRootfs.HostUsr => await Task.Run(() => HostLayer(), ct),
            SandboxRootfs.Stored stored => Stored(stored.Name),
            SandboxRootfs.Folder given => (given.Path, $"folder-{Digest(given.Path)}"),
            _ => throw new SandboxException("The docker backend does not know this kind of root file system."),
        };
        var image = $"belljar:{tag}";
        if (!await HasAsync(image, ct) || rootfs is SandboxRootfs.Folder)
        {
            await ImportAsync(folder, tag, ct);
        }

        return image;
    }

    public static IReadOnlyList<string> HostFolders(SandboxRootfs rootfs) =>
        rootfs is SandboxRootfs.HostUsr ? ["/usr", .. HostRootfs.RealTopFolders.Select(name => "/" + name)] : [];

    private (string Folder, string Tag) HostLayer()
    {
        Directory.CreateDirectory(settings.StateFolder, (UnixFileMode)0x1C0);
        var folder = HostRootfs.Ensure(settings.StateFolder);
        return (folder, Path.GetFileName(folder).TrimStart('.'));
    }

    private (string Folder, string Tag) Stored(string name)
    {
        var image = new ImageStore(settings).Find(name);
        return (image.Rootfs, $"sha256-{image.Digest}");
    }

    private async Task<bool> HasAsync(string image, CancellationToken ct)
    {
        try
        {
            await engine.GetAsync($"/images/{image}/json", ct);
            return true;
        }
        catch (EngineException missing) when (missing.Status == (int)HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private async Task ImportAsync(string folder, string tag, CancellationToken ct)
    {
        using var content = new TarContent(writer => Write(writer, folder, ct));
        await engine.PostAsync($"/images/create?fromSrc=-&repo=belljar&tag={tag}", content, ct);
    }

    /// <summary>Owners stay as they are in the folder: root is 0.</summary>
    private static void Write(TarWriter writer, string folder, CancellationToken ct) =>
        new TarPack(status => (status.Uid, status.Gid), ct).Write(writer, folder, "");

    private static string Digest(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(path))))[..16];
}
