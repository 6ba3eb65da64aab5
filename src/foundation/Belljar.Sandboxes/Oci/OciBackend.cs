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
        var paths = new OciPaths(settings, spec.Name);
        Check(spec, paths);
        PrepareFolders(paths);
        var ids = new SubIds(paths.SubIds);
        var record = await Task.Run(() => Record(spec, ids.Claim(spec.Name)), ct);
        try
        {
            await Task.Run(() => OciFiles.Make(record, paths), ct);
            record.Save(paths.Record);
        }
        catch
        {
            Directory.Delete(paths.Folder, recursive: true);
            ids.Free(record.IdBase);
            throw;
        }

        return Open(record, spec.Environment);
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

    private SandboxRecord Record(SandboxSpec spec, uint idBase) => new(
        spec.Name,
        settings.Clock.GetUtcNow(),
        spec.Rootfs switch
        {
            SandboxRootfs.Folder folder => folder.Path,
            SandboxRootfs.Stored image => new ImageStore(settings).Find(image.Name).Rootfs,
            _ => HostRootfs.Ensure(settings.StateFolder),
        },
        spec.Rootfs is SandboxRootfs.HostUsr,
        (spec.Network as SandboxNetwork.Joined)?.Path,
        spec.Profile,
        spec.Hostname,
        spec.Limits,
        spec.Mounts,
        spec.User,
        idBase);

    private static void Check(SandboxSpec spec, OciPaths paths)
    {
        SandboxNames.Check(spec.Name);
        if (Directory.Exists(paths.Folder) || File.Exists(paths.DeletionMark))
        {
            throw new SandboxException(File.Exists(paths.DeletionMark)
                ? $"A sandbox '{spec.Name}' was not wholly removed: run `belljar sandbox cleanup` first."
                : $"There is a sandbox '{spec.Name}' already.");
        }

        SandboxNames.CheckPaths(spec);
    }

    private void PrepareFolders(OciPaths paths)
    {
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
