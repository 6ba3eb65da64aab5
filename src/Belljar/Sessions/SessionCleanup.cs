using Belljar.Bottles.Sessions;
using Belljar.Hosting;
using Belljar.Sandboxes;
using Belljar.Terminals;

namespace Belljar.Sessions;

/// <summary>Removes the sandboxes of sessions whose supervisor was killed, and what failed removals have left; it shows the plan first.</summary>
internal static class SessionCleanup
{
    public static async Task<int> RunAsync(BelljarPaths paths, bool yes, CancellationToken ct)
    {
        await OwnNamespace.EnterAsync(paths, ct);
        var backend = SandboxSource.Open(paths);
        var active = SessionFolder.All(paths.Sessions).Where(session => session.IsActive).Select(session => session.Record.Slug).ToHashSet();
        var orphans = (await backend.ListAsync(ct)).Where(sandbox => !active.Contains(sandbox.Name)).ToList();
        var remains = (await backend.FindRemainsAsync(ct)).Where(left => !active.Contains(left.Sandbox)).ToList();
        if (orphans.Count + remains.Count == 0)
        {
            Terminal.Out.WriteLine("nothing was left behind");
            return 0;
        }

        foreach (var sandbox in orphans)
        {
            Terminal.Out.WriteLine($"sandbox {sandbox.Name} ({sandbox.Backend}), made {sandbox.CreatedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss}");
        }

        foreach (var left in remains)
        {
            Terminal.Out.WriteLine($"of sandbox {left.Sandbox}: {left.What}");
        }

        if (!yes && !Terminal.Confirm($"Remove {(orphans.Count + remains.Count == 1 ? "it" : $"these {orphans.Count + remains.Count}")}?"))
        {
            throw new OperatorException("nothing was removed. To remove without a question: belljar bottle cleanup -y");
        }

        return await RemoveAsync(orphans, remains, ct);
    }

    /// <summary>One that cannot be removed does not keep the others.</summary>
    private static async Task<int> RemoveAsync(List<ISandbox> orphans, List<SandboxRemains> remains, CancellationToken ct)
    {
        var failed = 0;
        foreach (var sandbox in orphans)
        {
            await TryAsync($"removed {sandbox.Name}", () => sandbox.DeleteAsync(ct));
        }

        foreach (var left in remains)
        {
            await TryAsync($"removed of {left.Sandbox}: {left.What}", () => left.RemoveAsync(ct));
        }

        return failed == 0 ? 0 : 1;

        async Task TryAsync(string done, Func<Task> removal)
        {
            try
            {
                await removal();
                Terminal.Out.WriteLine(done);
            }
            catch (SandboxException problem)
            {
                failed++;
                Terminal.Error.WriteLine($"belljar: {problem.Message}");
            }
        }
    }
}
