using Belljar.Sandboxes.Isolation;

namespace Belljar.Sandboxes.Oci;

/// <summary>Ends all of a sandbox that runs, or that a runtime was about to run: processes, the runtime's state, control groups.</summary>
internal sealed class OciStop(OciRuntime runtime, OciPaths paths, SubIds ids)
{
    private string Name => Path.GetFileName(paths.Folder);

    public async Task RunAsync(CancellationToken ct)
    {
        if (InitRecord.Running(paths) is { } init)
        {
            if (!Rootless.IsEntered && CgroupSupport.IsFrozen(init.Pid))
            {
                await runtime.RunAsync(ct, "resume", Name); // A frozen process does not die before it is thawed (cgroup v1).
            }

            await init.KillAsync(ct);
        }

        if (Directory.Exists(Path.Combine(paths.RuntimeRoot, Name)))
        {
            await runtime.RunAsync(ct, "delete", "--force", Name);
        }

        await EmptyGroupsAsync(ct);
        if (Directory.Exists(paths.Running))
        {
            Directory.Delete(paths.Running, recursive: true);
        }
    }

    /// <summary>A runtime that was killed between making control groups and noting them knows nothing of them afterwards.</summary>
    private async Task EmptyGroupsAsync(CancellationToken ct)
    {
        if (Rootless.IsEntered)
        {
            return;
        }

        foreach (var range in ids.RangesOf(Name))
        {
            await CgroupSupport.RemoveAsync(OciConfig.ControlGroup(Name, range), ct);
        }
    }
}
