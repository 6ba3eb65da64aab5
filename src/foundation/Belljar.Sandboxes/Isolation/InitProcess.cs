using Belljar.Sandboxes.Files;
using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes.Isolation;

/// <summary>The first process, told from a later one with its number by when it started.</summary>
/// <param name="StartTime">Field 22 of /proc/PID/stat: clock ticks since the machine started.</param>
internal sealed record InitProcess(int Pid, ulong StartTime)
{
    public bool IsAlive => StartTimeOf(Pid) == StartTime;

    public string NetworkNamespace => $"/proc/{Pid}/ns/net";

    /// <returns>Null when there is no such process.</returns>
    public static InitProcess? Of(int pid) => StartTimeOf(pid) is { } time ? new InitProcess(pid, time) : null;

    /// <summary>The files as the sandbox has them now, its own mounts included.</summary>
    public SandboxTree OpenTree(uint idBase)
    {
        var tree = new SandboxTree(HostFolder.Open($"/proc/{Pid}/root", pathOnly: true), idBase);
        if (IsAlive)
        {
            return tree; // Asked after opening: the number had not gone to another process.
        }

        tree.Dispose();
        throw new SandboxException("The sandbox has ended.");
    }

    /// <summary>Writes what its file system still has in memory.</summary>
    public void Flush()
    {
        using var root = HostFolder.Open($"/proc/{Pid}/root");
        SandboxTree.Check(Libc.syncfs(root), "writing back the sandbox's files");
    }

    /// <summary>Ends it, and with it everything in its process namespace.</summary>
    public async Task KillAsync(CancellationToken ct)
    {
        using var process = ProcessDescriptor.TryOpen(Pid);
        if (process is not null && IsAlive)
        {
            if (!process.Send(Signal.Kill) && IsAlive)
            {
                // Waiting would never end: this caller has no say over it, being in another user namespace for instance.
                throw new SandboxException($"The sandbox's first process ({Pid}) cannot be ended by this user from here.");
            }

            await process.EndedAsync(ct);
        }
    }

    /// <summary>Whether a process lives in the sandbox's process namespace.</summary>
    public bool Contains(int pid) =>
        new FileInfo($"/proc/{pid}/ns/pid").LinkTarget is { } other && other == new FileInfo($"/proc/{Pid}/ns/pid").LinkTarget;

    /// <summary>Ends all of a session inside. What started a session of its own stays until the sandbox stops.</summary>
    public void KillSession(int session)
    {
        foreach (var member in ProcessStatus.All().Where(process => process.Session == session && Contains(process.Pid)))
        {
            _ = Libc.kill(member.Pid, (int)Signal.Kill);
        }
    }

    /// <summary>
    /// Ends the sessions of commands whose runtime is gone: such a command's parent is now whoever adopts orphans here, an
    /// ancestor of this process, while the parent of every other command is a living runtime or inside.
    /// </summary>
    public void KillOrphans()
    {
        var ancestors = new HashSet<int> { Environment.ProcessId };
        for (var status = ProcessStatus.Of(Environment.ProcessId); status is { Parent: > 0 }; status = ProcessStatus.Of(status.Parent))
        {
            ancestors.Add(status.Parent);
        }

        foreach (var orphan in ProcessStatus.All().Where(process => process.Pid != Pid && ancestors.Contains(process.Parent) && Contains(process.Pid)))
        {
            KillSession(orphan.Session);
        }
    }

    /// <summary>Stops all but the first process, again until no new one has come to be.</summary>
    public void StopAll()
    {
        for (var known = -1; SignalAll(Signal.Stop) is var count && count != known; known = count)
        {
        }
    }

    /// <returns>How many there were.</returns>
    public int SignalAll(Signal signal)
    {
        var all = ProcessStatus.All().Where(process => process.Pid != Pid && !process.IsEnded && Contains(process.Pid)).ToList();
        foreach (var process in all)
        {
            _ = Libc.kill(process.Pid, (int)signal);
        }

        return all.Count;
    }

    private static ulong? StartTimeOf(int pid) => ProcessStatus.Of(pid) is { IsEnded: false } status ? status.StartTime : null;
}
