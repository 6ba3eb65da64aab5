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
    private readonly string _store = Path.GetFullPath(settings.StateFolder);

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

        SandboxNames.CheckPaths(spec);
        var images = new DockerImages(_engine, settings);
        var record = new DockerRecord(
            spec.Name, settings.Clock.GetUtcNow(), await images.EnsureAsync(spec.Rootfs, ct), DockerImages.HostFolders(spec.Rootfs), spec.Profile, spec.Hostname, spec.Limits, spec.Mounts, spec.User);
        var container = Container(spec.Name);
        await CreateAsync(record, container, ct);
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
        var found = await FindAsync(ct);
        return
        [
            .. found.Where(entry => !IsDead(entry)).Select(entry => (string?)entry?["Labels"]?[ContainerConfig.RecordLabel]).OfType<string>()
                .Select(DockerRecord.Parse)
                .Select(record => new DockerSandbox(settings, record, Container(record.Name), null))
                .OrderBy(sandbox => sandbox.Name, StringComparer.Ordinal),
        ];
    }

    public async Task<IReadOnlyList<SandboxRemains>> FindRemainsAsync(CancellationToken ct) =>
    [
        .. (await FindAsync(ct)).Where(IsDead)
            .Select(entry => (string?)entry?["Labels"]?[ContainerConfig.NameLabel]).OfType<string>()
            .Select(name => DockerSandbox.Remains(Container(name), name)),
    ];

    private Task<JsonArray> FindAsync(CancellationToken ct) => _engine.GetListAsync(
        $"/containers/json?all=true&filters={EngineClient.Filters(("label", $"{ContainerConfig.StoreLabel}={_store}"))}", ct);

    /// <summary>An engine calls so what it could not wholly remove.</summary>
    private static bool IsDead(JsonNode? container) => (string?)container?["State"] is "dead" or "removing";

    private async Task CreateAsync(DockerRecord record, DockerContainer container, CancellationToken ct)
    {
        try
        {
            await _engine.PostAsync($"/containers/create?name={container.Id}", ContainerConfig.Build(record, _store, settings.EngineRuntime), ct);
        }
        catch (EngineException taken) when (taken.Failure.Problem == EngineProblem.Conflict)
        {
            throw new SandboxException($"There is a sandbox '{record.Name}' already.", taken);
        }
    }

    /// <summary>The container's name: two stores of one engine may have sandboxes of the same name.</summary>
    private DockerContainer Container(string name) => new(
        _engine, $"belljar-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_store)))[..8]}-{name}", settings.EnterContainers);

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
