using System.Runtime.InteropServices;
using Belljar.Sandboxes.Images;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tiny;

namespace Belljar.Sandboxes.Oci;

/// <summary>Sandboxes by an OCI runtime (runc and its like), without a daemon.</summary>
internal sealed class OciBackend(SandboxSettings settings) : ISandboxBackend
{
    public const string BackendName = "oci";
    public const string BackendSummary = "namespaces and seccomp by an OCI runtime (runc), no daemon";

    private const int SearchableByAll = 0x1C9; // rwx--x--x

    public string Name => BackendName;

    public string Summary => BackendSummary;

    public Task<SandboxProbe> ProbeAsync(CancellationToken ct) => OciProbe.RunAsync(settings, ct);

    public async Task<ISandbox> CreateAsync(SandboxSpec spec, CancellationToken ct)
    {
        SandboxNames.Check(spec.Name);
        SandboxNames.CheckParts(spec);
        PrepareFolders(spec.Name);
        var paths = new OciPaths(settings, spec.Name);
        using var making = MakingMark.TrySet(paths.MakingMark) ?? throw Taken(spec.Name, paths);
        if (Directory.Exists(paths.Folder) || File.Exists(paths.DeletionMark))
        {
            throw Taken(spec.Name, paths);
        }

        return Open(await Task.Run(() => MakeAsync(spec, paths, ct), ct), spec.Environment);
    }

    public Task<IReadOnlyList<ISandbox>> ListAsync(CancellationToken ct)
    {
        var folder = new DirectoryInfo(settings.StateFolder);
        IReadOnlyList<ISandbox> sandboxes = folder.Exists
            ? [.. folder.EnumerateDirectories().Select(entry => new OciPaths(settings, entry.Name))
                .Where(paths => File.Exists(paths.Record) && !File.Exists(paths.DeletionMark))
                .Select(paths => Open(SandboxRecord.Load(paths.Record), null)).OrderBy(sandbox => sandbox.Name, StringComparer.Ordinal)]
            : [];
        return Task.FromResult(sandboxes);
    }

    public Task<IReadOnlyList<SandboxRemains>> FindRemainsAsync(CancellationToken ct) =>
        Task.Run(() => new OciRemains(settings, Runtime).Find(), ct);

    private OciSandbox Open(SandboxRecord record, IReadOnlyDictionary<string, string>? environment)
    {
        return new OciSandbox(settings, record, Runtime(new OciPaths(settings, record.Name)), environment);
    }

    private OciRuntime Runtime(OciPaths paths) =>
        new(ProgramPath.Find(settings.Runtime) ?? throw new ProgramNotFoundException(settings.Runtime), paths.RuntimeRoot);

    private async Task<SandboxRecord> MakeAsync(SandboxSpec spec, OciPaths paths, CancellationToken ct)
    {
        var rootfs = RootfsFolder(spec.Rootfs);
        var ids = new SubIds(paths.SubIds);
        try
        {
            var record = await OciFiles.MakeAsync(Record(spec, rootfs, ids.Claim(spec.Name)), paths, ct);
            record.Save(paths.Record);
            return record;
        }
        catch
        {
            if (Directory.Exists(paths.Folder))
            {
                Directory.Delete(paths.Folder, recursive: true);
            }

            ids.FreeOf(spec.Name);
            throw;
        }
    }

    private string RootfsFolder(SandboxRootfs rootfs) => rootfs switch
    {
        SandboxRootfs.Folder folder => folder.Path,
        SandboxRootfs.Stored image => new ImageStore(settings).Find(image.Name).Rootfs,
        _ => HostRootfs.Ensure(settings.StateFolder),
    };

    private SandboxRecord Record(SandboxSpec spec, string rootfs, uint idBase) => new(
        spec.Name,
        settings.Clock.GetUtcNow(),
        rootfs,
        spec.Rootfs is SandboxRootfs.HostUsr,
        (spec.Network as SandboxNetwork.Joined)?.Path,
        spec.Profile,
        spec.Hostname,
        spec.Limits,
        spec.Mounts,
        spec.User,
        idBase);

    private static SandboxException Taken(string name, OciPaths paths) => new(
        File.Exists(paths.DeletionMark) || (MakingMark.IsSet(paths.MakingMark) && !MakingMark.IsUnderWay(paths.MakingMark))
            ? $"A sandbox '{name}' was not wholly made or removed: run `belljar sandbox cleanup` first."
            : $"There is a sandbox '{name}' already.");

    private void PrepareFolders(string name)
    {
        var paths = new OciPaths(settings, name);
        Directory.CreateDirectory(settings.StateFolder, (UnixFileMode)0x1C0);
        Directory.CreateDirectory(settings.RunFolder, (UnixFileMode)SearchableByAll);
        if (!Directory.Exists(paths.MountPoint))
        {
            Directory.CreateDirectory(paths.MountPoint, (UnixFileMode)SearchableByAll);
        }

        TinyPrograms.Write(paths.Init, TinyPrograms.InitFor(RuntimeInformation.ProcessArchitecture));
        TinyPrograms.Write(paths.UserNamespace, TinyPrograms.UserNamespaceFor(RuntimeInformation.ProcessArchitecture));
    }
}
