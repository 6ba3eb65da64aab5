using System.Net;
using System.Text.Json.Nodes;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Native;

namespace Belljar.Sandboxes.Docker;

/// <summary>One container by its name: the calls about it.</summary>
internal sealed class DockerContainer(EngineClient engine, string id, bool mayEnter = true)
{
    public EngineClient Engine => engine;

    public string Id => id;

    public string Path { get; } = $"/containers/{Uri.EscapeDataString(id)}";

    public Task<JsonObject> InspectAsync(CancellationToken ct) => engine.GetAsync($"{Path}/json", ct);

    public async Task<SandboxState> StateAsync(CancellationToken ct)
    {
        try
        {
            var state = (await InspectAsync(ct))["State"]!;
            return (bool?)state["Paused"] is true ? SandboxState.Paused
                : (bool?)state["Running"] is true ? SandboxState.Running
                : SandboxState.Stopped;
        }
        catch (EngineException gone) when (gone.Status == (int)HttpStatusCode.NotFound)
        {
            return SandboxState.Stopped;
        }
    }

    /// <summary>The first process, where it is one of this machine and we are root: then files and sockets need no engine.</summary>
    /// <returns>Null when it does not run, or runs in a virtual machine, or we may not enter it.</returns>
    public async Task<InitProcess?> FindInitAsync(CancellationToken ct)
    {
        if (!mayEnter || Libc.geteuid() != 0)
        {
            return null;
        }

        var container = await InspectAsync(ct);
        var pid = (int?)container["State"]?["Pid"] ?? 0;
        if (pid <= 0 || InitProcess.Of(pid) is not { } init || !Directory.Exists($"/proc/{pid}/root/proc"))
        {
            return null;
        }

        // The number is the engine's: here it must be a process of that very container.
        var groups = await File.ReadAllTextAsync($"/proc/{pid}/cgroup", ct);
        return groups.Contains((string?)container[nameof(Id)] ?? "?", StringComparison.Ordinal) ? init : null;
    }
}
