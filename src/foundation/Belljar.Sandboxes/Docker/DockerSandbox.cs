using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Belljar.Sandboxes.Files;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Native;

namespace Belljar.Sandboxes.Docker;

/// <summary>
/// One container. Where its first process is one of this machine and we are root, files of a running one and sockets are
/// made by entering it, as the oci backend does; else through the engine.
/// </summary>
internal sealed class DockerSandbox(
    SandboxSettings settings, DockerRecord record, DockerContainer container, IReadOnlyDictionary<string, string>? environment) : ISandbox
{
    private readonly IReadOnlyDictionary<string, string> _environment = environment ?? FrozenDictionary<string, string>.Empty;
    private readonly ContainerFiles _files = new(container);
    private DockerRecord _record = record;

    public string Name { get; } = record.Name;

    public string Backend => DockerBackend.BackendName;

    public DateTimeOffset CreatedAt { get; } = record.CreatedAt;

    public SandboxUser User { get; } = record.User;

    public IReadOnlyList<string> Warnings { get; } =
    [
        .. CgroupSupport.Detect().Warnings(record.Limits),
        .. record.DiskProblem is { } problem ? [$"Disk is not limited: {problem}"] : (string[])[],
        .. record.HostFolders.Count > 0 ? [HostRootfs.NotWritable] : (string[])[],
    ];

    public Task<SandboxState> GetStateAsync(CancellationToken ct) => container.StateAsync(ct);

    public Task StartAsync(CancellationToken ct) => CallAsync("start", ct);

    public async Task StopAsync(CancellationToken ct)
    {
        switch (await container.StateAsync(ct))
        {
            case SandboxState.Stopped:
                return;
            case SandboxState.Paused:
                await CallAsync("unpause", ct);
                break;
            default:
                break;
        }

        await CallAsync("kill?signal=KILL", ct);
        await CallAsync("wait", ct);
    }

    public Task PauseAsync(CancellationToken ct) => CallAsync("pause", ct);

    public Task ResumeAsync(CancellationToken ct) => CallAsync("unpause", ct);

    public async Task DeleteAsync(CancellationToken ct)
    {
        try
        {
            await RemoveAsync(container, ct);
        }
        catch (EngineException error)
        {
            throw new SandboxRemainsException(Name, [Remains(container, Name)], error);
        }
    }

    public async Task SnapshotAsync(string snapshot, CancellationToken ct) => await NamedAsync(async () =>
    {
        await new DockerSnapshots(container).TakeAsync(snapshot, ct);
        return true;
    });

    /// <summary>A new container of the same name from the snapshot's image.</summary>
    public async Task RestoreAsync(string snapshot, CancellationToken ct)
    {
        if (await container.StateAsync(ct) != SandboxState.Stopped)
        {
            throw new SandboxException($"The sandbox {Name} runs: stop it before its files are put back.");
        }

        _record = _record with { Image = await new DockerSnapshots(container).FindAsync(snapshot, ct) };
        var stored = (string?)(await container.InspectAsync(ct))["Config"]?["Labels"]?[ContainerConfig.StoreLabel] ?? "";
        await container.Engine.DeleteAsync($"{container.Path}?force=true&v=true", ct);
        await container.Engine.PostAsync($"/containers/create?name={container.Id}", ContainerConfig.Build(_record, stored, settings.EngineRuntime), ct);
    }

    public Task<IReadOnlyList<string>> ListSnapshotsAsync(CancellationToken ct) => new DockerSnapshots(container).ListAsync(ct);

    public static SandboxRemains Remains(DockerContainer container, string name) => new(
        name, $"the container {container.Id}", $"docker -H unix://{container.Engine.SocketPath} rm -f -v {container.Id}")
    {
        Remove = async ct =>
        {
            try
            {
                await RemoveAsync(container, ct);
            }
            catch (EngineException error)
            {
                throw new SandboxException($"The container {container.Id} cannot be removed: {error.Message}", error);
            }
        },
    };

    public Task<IExecution> ExecAsync(ExecSpec exec, CancellationToken ct) => NamedAsync(async () =>
    {
        var init = await container.FindInitAsync(ct);
        return await DockerExec.StartAsync(container, init, exec, exec.User ?? User, _environment, settings.Clock, ct);
    });

    public Task WriteFileAsync(string path, ReadOnlyMemory<byte> content, SandboxFileAttributes attributes, CancellationToken ct) => WithFilesAsync(
        tree =>
        {
            SandboxFiles.Write(tree, path, content.Span, attributes, attributes.Owner ?? User);
            return true;
        },
        async files =>
        {
            await files.WriteAsync(path, content, attributes, attributes.Owner ?? User, ct);
            return true;
        },
        ct);

    public Task<SandboxRead> ReadFileAsync(string path, int most, CancellationToken ct) =>
        WithFilesAsync(tree => SandboxFiles.Read(tree, path, most), files => files.ReadAsync(path, most, ct), ct);

    public Task<SandboxCopy> CopyInAsync(string hostFolder, string path, SandboxUser? owner, CancellationToken ct) => WithFilesAsync(
        tree => TreeTransfer.In(tree, hostFolder, path, owner ?? User, ct), files => files.CopyInAsync(hostFolder, path, owner ?? User, ct), ct);

    public Task<SandboxCopy> CopyOutAsync(string path, string hostFolder, long mostBytes, CancellationToken ct) => WithFilesAsync(
        tree => TreeTransfer.Out(tree, path, hostFolder, mostBytes, ct), files => files.CopyOutAsync(path, hostFolder, mostBytes, ct), ct);

    public Task<Socket> ListenAsync(int port, CancellationToken ct) => NamedAsync(async () =>
    {
        if (await container.FindInitAsync(ct) is { } init)
        {
            return await Namespaces.ListenAsync(init.NetworkNamespace, new IPEndPoint(IPAddress.Loopback, port));
        }

        if ((bool?)(await container.InspectAsync(ct))["State"]?["Running"] is not true)
        {
            throw new SandboxException($"The sandbox {Name} does not run.");
        }

        return await DockerListener.ListenAsync(container, _record.Image, new DockerStore(settings), port, ct);
    });

    public async Task<SandboxStats> GetStatsAsync(CancellationToken ct)
    {
        if (await container.FindInitAsync(ct) is { } init)
        {
            return CgroupSupport.Detect().StatsOf(init.Pid);
        }

        var stats = await container.Engine.GetAsync($"{container.Path}/stats?stream=false&one-shot=true", ct);
        return new SandboxStats(
            (long?)stats["memory_stats"]?["usage"],
            (int?)stats["pids_stats"]?["current"],
            (long?)stats["cpu_stats"]?["cpu_usage"]?["total_usage"] is { } nanoseconds ? TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick) : null);
    }

    private static async Task RemoveAsync(DockerContainer container, CancellationToken ct)
    {
        try
        {
            await container.Engine.DeleteAsync($"{container.Path}?force=true&v=true", ct);
        }
        catch (EngineException gone) when (gone.Status == (int)HttpStatusCode.NotFound)
        {
            // Another caller removed it.
        }

        await new DockerSnapshots(container).RemoveAllAsync(ct);
    }

    private Task<JsonNode?> CallAsync(string call, CancellationToken ct) =>
        NamedAsync(() => container.Engine.PostAsync($"{container.Path}/{call}", (JsonObject?)null, ct));

    private Task<T> WithFilesAsync<T>(Func<SandboxTree, T> entered, Func<ContainerFiles, Task<T>> byEngine, CancellationToken ct) => NamedAsync(async () =>
    {
        if (await container.FindInitAsync(ct) is not { } init)
        {
            return await byEngine(_files);
        }

        return await Task.Run(
            () =>
            {
                using var tree = init.OpenTree(FirstId(init.Pid));
                return entered(tree);
            },
            ct);
    });

    /// <summary>The host's number for root inside: 0 unless the engine remaps users.</summary>
    private static uint FirstId(int pid) =>
        uint.Parse(File.ReadAllText($"/proc/{pid}/uid_map").Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);

    /// <summary>The engine's "no such container" and "is not running" in this interface's words.</summary>
    private async Task<T> NamedAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (EngineException error) when (error.Failure.Problem == EngineProblem.NotFound && error.Words.Contains("No such container", StringComparison.OrdinalIgnoreCase))
        {
            throw new SandboxException($"There is no sandbox {Name} (any more).", error);
        }
        catch (EngineException error) when (error.Failure.Problem == EngineProblem.Conflict)
        {
            throw new SandboxException($"The sandbox {Name} does not run (or is paused).", error);
        }
    }
}
