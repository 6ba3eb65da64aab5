using Belljar.Bottles.Sessions;
using Belljar.Hosting;
using Belljar.Terminals;

namespace Belljar.Sessions;

/// <summary>Removes the sandboxes of sessions whose supervisor was killed; it shows the plan first.</summary>
internal static class SessionCleanup
{
    public static async Task<int> RunAsync(BelljarPaths paths, bool yes, CancellationToken ct)
    {
        var active = SessionFolder.All(paths.Sessions).Where(session => session.IsActive).Select(session => session.Record.Slug).ToHashSet();
        var orphans = (await SandboxSource.Open(paths).ListAsync(ct)).Where(sandbox => !active.Contains(sandbox.Name)).ToList();
        if (orphans.Count == 0)
        {
            Terminal.Out.WriteLine("nothing was left behind");
            return 0;
        }

        foreach (var sandbox in orphans)
        {
            Terminal.Out.WriteLine($"sandbox {sandbox.Name} ({sandbox.Backend}), made {sandbox.CreatedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss}");
        }

        if (!yes && !Terminal.Confirm($"Remove {(orphans.Count == 1 ? "it" : $"these {orphans.Count}")}?"))
        {
            throw new OperatorException("nothing was removed. To remove without a question: belljar bottle cleanup -y");
        }

        foreach (var sandbox in orphans)
        {
            await sandbox.DeleteAsync(ct);
            Terminal.Out.WriteLine($"removed {sandbox.Name}");
        }

        return 0;
    }
}
