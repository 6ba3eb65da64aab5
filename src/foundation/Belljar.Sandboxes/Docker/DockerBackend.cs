using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Belljar.Sandboxes.Files;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Tiny;

namespace Belljar.Sandboxes.Docker;

/// <summary>Sandboxes as containers of a local engine (Docker, Podman), through its API.</summary>
internal sealed class DockerBackend(SandboxSettings settings) : ISandboxBackend
{
    public const string BackendName = "docker";
    public const string BackendSummary = "containers of a local engine (Docker, Podman), through its API";

    private static readonly string[] OwnByEngine = ["hosts", "hostname"]; // The engine writes these itself.

    private readonly EngineClient _engine = new(settings.EngineSocket);
    private readonly DockerStore _store = new(settings);

    public string Name => BackendName;

    public string Summary => BackendSummary;

    public async Task<SandboxProbe> ProbeAsync(CancellationToken ct)
    {
        try
        {
            var version = await _engine.GetAsync("/version", ct);
            var info = await _engine.GetAsync("/info", ct);
            return new SandboxProbe(Problem(info), $"{(string?)version["Version"]} (API {(string?)version["ApiVersion"]})", Warnings(info));
        }
        catch (EngineException error)
        {
            return new SandboxProbe(error.Message, null, []);
        }
    }

    public async Task<ISandbox> CreateAsync(SandboxSpec spec, CancellationToken ct)
    {
        SandboxNames.Check(spec.Name);
        if (spec.Network is SandboxNetwork.Joined)
        {
            throw new SandboxException("The docker backend cannot join a network namespace: use the oci backend for that.");
        }

        SandboxNames.CheckParts(spec);
        using var making = MakingMark.TrySet(_store.MakingMark(spec.Name)) ?? throw new SandboxException(
            $"A sandbox '{spec.Name}' is being made already, or was not wholly made: then run `belljar sandbox cleanup` first.");
        var images = new DockerImages(_engine, settings);
        var record = new DockerRecord(
            spec.Name, settings.Clock.GetUtcNow(), await images.EnsureAsync(spec.Rootfs, ct), DockerImages.HostFolders(spec.Rootfs), spec.Profile, spec.Hostname, spec.Limits, spec.Mounts, spec.User);
        var container = Container(spec.Name);
        record = await CreateAsync(record, container, ct);
        try
        {
            await new ContainerFiles(container).PutAsync("/", writer => WriteOwn(writer, spec), ct);
        }
        catch
        {
            await _engine.DeleteAsync($"{container.Path}?force=true&v=true", CancellationToken.None);
            throw;
        }

        return new DockerSandbox(settings, record, container, spec.Environment);
    }

    public async Task<IReadOnlyList<ISandbox>> ListAsync(CancellationToken ct)
    {
        var found = await Remains().ListAsync(ct);
        return
        [
            .. found.Where(entry => !DockerRemains.IsDead(entry)).Select(entry => DockerRemains.Label(entry, ContainerConfig.RecordLabel)).OfType<string>()
                .Select(DockerRecord.Parse)
                .Where(record => !_store.IsBeingMade(record.Name))
                .Select(record => new DockerSandbox(settings, record, Container(record.Name), null))
                .OrderBy(sandbox => sandbox.Name, StringComparer.Ordinal),
        ];
    }

    public Task<IReadOnlyList<SandboxRemains>> FindRemainsAsync(CancellationToken ct) => Remains().FindAsync(ct);

    private DockerRemains Remains() => new(_engine, _store, Container);

    /// <returns>The record as it came out: where the disk cannot be limited, it says why.</returns>
    private async Task<DockerRecord> CreateAsync(DockerRecord record, DockerContainer container, CancellationToken ct)
    {
        try
        {
            await _engine.PostAsync($"/containers/create?name={container.Id}", ContainerConfig.Build(record, _store.Name, settings.EngineRuntime), ct);
            return record;
        }
        catch (EngineException refused) when (record.HasDisk && refused.Words.Contains("storage-opt", StringComparison.Ordinal))
        {
            return await CreateAsync(record with { DiskProblem = "the engine's storage knows no quotas (overlay2 on xfs with pquota, btrfs or zfs do)." }, container, ct);
        }
        catch (EngineException taken) when (taken.Failure.Problem == EngineProblem.Conflict)
        {
            throw new SandboxException($"There is a sandbox '{record.Name}' already.", taken);
        }
    }

    /// <summary>The container's name: two stores of one engine may have sandboxes of the same name.</summary>
    private DockerContainer Container(string name) => new(
        _engine, $"belljar-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_store.Name)))[..8]}-{name}", settings.EnterContainers);

    private static void WriteOwn(System.Formats.Tar.TarWriter writer, SandboxSpec spec)
    {
        var architecture = RuntimeInformation.ProcessArchitecture;
        writer.WriteEntry(TarPack.File(ContainerConfig.InitInside[1..], TinyPrograms.InitFor(architecture), (UnixFileMode)0x1ED, 0, 0));
        writer.WriteEntry(TarPack.File(ContainerConfig.LauncherInside[1..], Launcher.For(architecture), (UnixFileMode)0x1ED, 0, 0));
        if (spec.Rootfs is SandboxRootfs.HostUsr)
        {
            foreach (var (name, text) in HostRootfs.OwnFiles(spec.Hostname, spec.User).Where(file => !OwnByEngine.Contains(file.Name)))
            {
                writer.WriteEntry(TarPack.File($"etc/{name}", Encoding.UTF8.GetBytes(text), (UnixFileMode)0x1A4, 0, 0));
            }
        }

        if (spec.User.Uid != 0)
        {
            writer.WriteEntry(TarPack.Folder(spec.User.Home.Trim('/') + "/", (UnixFileMode)0x1C0, spec.User.Uid, spec.User.Gid));
        }
    }

    private string? Problem(JsonObject info) =>
        (string?)info["OSType"] is not "linux" ? "The engine does not run Linux containers."
        : settings.EngineRuntime is { } runtime && info["Runtimes"]?[runtime] is null ? $"The engine has no runtime '{runtime}': add it to its daemon.json, or name another."
        : null;

    private static List<string> Warnings(JsonObject info)
    {
        var options = info["SecurityOptions"] as JsonArray ?? [];
        var warnings = new List<string>();
        if (!options.Any(option => ((string?)option)?.Contains("seccomp", StringComparison.Ordinal) is true))
        {
            warnings.Add("The engine filters no system calls: its seccomp support is off.");
        }

        if (!options.Any(option => ((string?)option) is "name=userns" or "name=rootless"))
        {
            warnings.Add("Root inside has the number of root outside: the engine does not remap users (userns-remap in daemon.json).");
        }

        return warnings;
    }
}
