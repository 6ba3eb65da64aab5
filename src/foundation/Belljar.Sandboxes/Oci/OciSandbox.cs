using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using Belljar.Sandboxes.Files;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes.Oci;

/// <summary>One sandbox of the OCI runtime.</summary>
internal sealed class OciSandbox(
    SandboxSettings settings,
    SandboxRecord record,
    OciRuntime runtime,
    IReadOnlyDictionary<string, string>? environment) : ISandbox
{
    private readonly OciPaths _paths = new(settings, record.Name);
    private readonly IReadOnlyDictionary<string, string> _environment = environment ?? FrozenDictionary<string, string>.Empty;
    private readonly List<string> _warnings =
    [
        .. CgroupSupport.Detect().Warnings(record.Limits),
        .. record.DiskProblem is { } problem ? [$"Disk is not limited: {problem}"] : (string[])[],
    ];

    public string Name => record.Name;

    public string Backend => OciBackend.BackendName;

    public DateTimeOffset CreatedAt => record.CreatedAt;

    public SandboxUser User => record.User;

    public IReadOnlyList<string> Warnings => _warnings;

    public Task<SandboxState> GetStateAsync(CancellationToken ct)
    {
        if (InitRecord.Running(_paths) is not { } init)
        {
            return Task.FromResult(SandboxState.Stopped);
        }

        return Task.FromResult(IsPaused(init) ? SandboxState.Paused : SandboxState.Running);
    }

    public async Task StartAsync(CancellationToken ct)
    {
        if (InitRecord.Running(_paths) is not null)
        {
            return;
        }

        await StopAsync(ct); // What an earlier run has left.
        Directory.CreateDirectory(_paths.Running);
        await using var call = await WithRootAsync(
            _ =>
            {
                if (record.NetworkPath is { } network)
                {
                    Namespaces.EnterNetwork(network);
                }

                return runtime.Start(["run", "--detach", "--bundle", _paths.Bundle, "--pid-file", _paths.InitPid, Name]);
            },
            ct);
        await call.SucceedAsync("run", ct);
        InitRecord.Save(_paths);
    }

    public Task StopAsync(CancellationToken ct) => Stop.RunAsync(ct);

    public async Task PauseAsync(CancellationToken ct)
    {
        if (!Rootless.IsEntered)
        {
            await runtime.RunAsync(ct, "pause", Name);
            return;
        }

        await File.WriteAllBytesAsync(_paths.Paused, [], ct);
        Running().StopAll();
    }

    public async Task ResumeAsync(CancellationToken ct)
    {
        if (!Rootless.IsEntered)
        {
            await runtime.RunAsync(ct, "resume", Name);
            return;
        }

        Running().SignalAll(Signal.Continue);
        File.Delete(_paths.Paused);
    }

    public Task DeleteAsync(CancellationToken ct) => new OciTeardown(runtime, _paths, new SubIds(_paths.SubIds)).RunAsync(Name, ct);

    public async Task<IExecution> ExecAsync(ExecSpec exec, CancellationToken ct)
    {
        var init = Running();
        if (IsPaused(init))
        {
            throw new SandboxException($"The sandbox {Name} does not run: it is paused.");
        }

        var user = exec.User ?? User;
        var process = OciProcess.Command(exec, user, record.Profile, record.Limits, _environment);
        return await OciExec.StartAsync(runtime, _paths, init, record.NetworkPath is not null, exec, process, settings.Clock, ct);
    }

    public Task WriteFileAsync(string path, ReadOnlyMemory<byte> content, SandboxFileAttributes attributes, CancellationToken ct) =>
        WithTreeAsync(
            tree =>
            {
                SandboxFiles.Write(tree, path, content.Span, attributes, attributes.Owner ?? User);
                return true;
            },
            ct);

    public Task<SandboxRead> ReadFileAsync(string path, int most, CancellationToken ct) =>
        WithTreeAsync(tree => SandboxFiles.Read(tree, path, most), ct);

    public Task<SandboxCopy> CopyInAsync(string hostFolder, string path, SandboxUser? owner, CancellationToken ct) =>
        WithTreeAsync(tree => TreeTransfer.In(tree, hostFolder, path, owner ?? User, ct), ct);

    public Task<SandboxCopy> CopyOutAsync(string path, string hostFolder, long mostBytes, CancellationToken ct) =>
        WithTreeAsync(tree => TreeTransfer.Out(tree, path, hostFolder, mostBytes, ct), ct);

    public Task<Socket> ListenAsync(int port, CancellationToken ct) =>
        Namespaces.ListenAsync(Running().NetworkNamespace, new IPEndPoint(IPAddress.Loopback, port));

    public Task<SandboxStats> GetStatsAsync(CancellationToken ct) => Task.FromResult(CgroupSupport.Detect().StatsOf(Running().Pid));

    public async Task SnapshotAsync(string snapshot, CancellationToken ct)
    {
        var pause = await GetStateAsync(ct) == SandboxState.Running;
        if (pause)
        {
            await PauseAsync(ct);
        }

        try
        {
            await SettleDiskAsync(ct);
            await new OciSnapshots(_paths, record.HasDisk).TakeAsync(snapshot, ct);
        }
        finally
        {
            if (pause)
            {
                await ResumeAsync(CancellationToken.None);
            }
        }
    }

    public async Task RestoreAsync(string snapshot, CancellationToken ct)
    {
        if (await GetStateAsync(ct) != SandboxState.Stopped)
        {
            throw new SandboxException($"The sandbox {Name} runs: stop it before its files are put back.");
        }

        await SettleDiskAsync(ct);
        await new OciSnapshots(_paths, record.HasDisk).RestoreAsync(snapshot, ct);
    }

    public Task<IReadOnlyList<string>> ListSnapshotsAsync(CancellationToken ct) => Task.FromResult(new OciSnapshots(_paths, record.HasDisk).List());

    /// <summary>Sees to it that the file of a limited disk holds what was written inside.</summary>
    private async Task SettleDiskAsync(CancellationToken ct)
    {
        if (!record.HasDisk)
        {
            return;
        }

        if (InitRecord.Running(_paths) is { } init)
        {
            await Task.Run(() => init.Flush(), ct);
        }
        else
        {
            await DiskImage.LetGoAsync(_paths.Disk, ct);
        }
    }

    private OciStop Stop => new(runtime, _paths, new SubIds(_paths.SubIds));

    /// <summary>Without control groups, being paused is a mark, and every process stopped by a signal.</summary>
    private bool IsPaused(InitProcess init) => Rootless.IsEntered ? File.Exists(_paths.Paused) : CgroupSupport.IsFrozen(init.Pid);

    private InitProcess Running() => InitRecord.Running(_paths)
        ?? throw new SandboxException(Directory.Exists(_paths.Folder) ? $"The sandbox {Name} does not run." : $"There is no sandbox {Name} (any more).");

    /// <summary>The files: as the running sandbox sees them, else put together for this moment.</summary>
    private Task<T> WithTreeAsync<T>(Func<SandboxTree, T> work, CancellationToken ct)
    {
        if (InitRecord.Running(_paths) is not { } init)
        {
            return !Directory.Exists(_paths.Folder) ? throw new SandboxException($"There is no sandbox {Name} (any more).") : WithRootAsync(
                mount =>
                {
                    using var tree = mount.Tree();
                    return work(tree);
                },
                ct);
        }

        return Task.Run(
            () =>
            {
                using var tree = init.OpenTree(record.IdBase);
                return work(tree);
            },
            ct);
    }

    private async Task<T> WithRootAsync<T>(Func<RootMount, T> work, CancellationToken ct)
    {
        using var owners = await OwnerMapping.OpenAsync(_paths.UserNamespace, record.IdBase, ct);
        var mount = new RootMount(record, _paths, owners);
        return await Namespaces.WithPrivateMountsAsync(() =>
        {
            mount.Mount();
            _warnings.AddRange(mount.Warnings.Except(_warnings));
            return work(mount);
        });
    }
}
