using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes.Isolation;

/// <summary>Which limits this machine's control groups can enforce, and where a process's figures are.</summary>
internal sealed record CgroupSupport(bool Unified, bool Memory, bool Swap, bool Cpu, bool Processes)
{
    private const string Root = "/sys/fs/cgroup";
    private static readonly TimeSpan LongestEnding = TimeSpan.FromSeconds(30);

    public static CgroupSupport Detect()
    {
        if (Rootless.IsEntered)
        {
            return new CgroupSupport(false, false, false, false, Processes: true); // Groups are others' to give; processes are counted by the kernel.
        }

        var unified = File.Exists($"{Root}/cgroup.controllers");
        if (unified)
        {
            var controllers = File.ReadAllText($"{Root}/cgroup.controllers").Split([' ', '\n']);
            return new CgroupSupport(
                true, controllers.Contains("memory"), controllers.Contains("memory"), controllers.Contains("cpu"), controllers.Contains("pids"));
        }

        return new CgroupSupport(
            false,
            Directory.Exists($"{Root}/memory"),
            File.Exists($"{Root}/memory/memory.memsw.limit_in_bytes"),
            Directory.Exists($"{Root}/cpu"),
            Directory.Exists($"{Root}/pids"));
    }

    /// <summary>What of the limits will not be in force, for the operator.</summary>
    public IReadOnlyList<string> Warnings(SandboxLimits limits)
    {
        var warnings = new List<string>();
        Warn(limits.MemoryBytes is not null && !Memory, "Memory is not limited: there is no memory control group to use.");
        Warn(limits.MemoryBytes is not null && Memory && !Swap, "Swap is not limited: the kernel does not account for it.");
        Warn(limits.Cpus is not null && !Cpu, "Processor time is not limited: there is no cpu control group to use.");
        Warn(limits.Processes is not null && !Processes, "The number of processes is not limited: there is no pids control group to use.");
        return warnings;

        void Warn(bool applies, string text)
        {
            if (applies)
            {
                warnings.Add(text);
            }
        }
    }

    public SandboxStats StatsOf(int pid)
    {
        if (Rootless.IsEntered)
        {
            return new SandboxStats(null, null, null); // Its groups are those of the whole login.
        }

        var groups = File.ReadAllLines($"/proc/{pid}/cgroup")
            .Select(line => line.Split(':', 3))
            .SelectMany(parts => parts[1].Split(',').Select(controller => (controller, parts[2])))
            .ToLookup(pair => pair.controller, pair => pair.Item2);
        if (Unified)
        {
            var own = Root + groups[""].First();
            var usage = TryRead($"{own}/cpu.stat")?.Split('\n')[0].Split(' ')[1];
            return new SandboxStats(
                Number($"{own}/memory.current"), (int?)Number($"{own}/pids.current"), usage is null ? null : TimeSpan.FromMicroseconds(long.Parse(usage)));
        }

        return new SandboxStats(
            Number($"{Root}/memory{groups["memory"].FirstOrDefault()}/memory.usage_in_bytes"),
            (int?)Number($"{Root}/pids{groups["pids"].FirstOrDefault()}/pids.current"),
            Number($"{Root}/cpuacct{groups["cpuacct"].FirstOrDefault()}/cpuacct.usage") is { } nanoseconds
                ? TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick)
                : null);
    }

    public static bool IsFrozen(int pid)
    {
        var groups = File.ReadAllLines($"/proc/{pid}/cgroup").Select(line => line.Split(':', 3)).ToLookup(parts => parts[1], parts => parts[2]);
        return TryRead($"{Root}/freezer{groups["freezer"].FirstOrDefault()}/freezer.state") is "FROZEN" or "FREEZING"
            || TryRead($"{Root}{groups[""].FirstOrDefault()}/cgroup.freeze") is "1";
    }

    /// <summary>Ends what is in a control group, in whichever hierarchies it is, and removes it.</summary>
    /// <exception cref="SandboxException">It cannot be removed: what is in it does not end, or somebody else's group lies in it.</exception>
    public static async Task RemoveAsync(string group, CancellationToken ct)
    {
        var places = Directory.EnumerateDirectories(Root).Append(Root).Select(hierarchy => Path.Combine(hierarchy, group)).Where(Directory.Exists).ToList();
        var started = TimeProvider.System.GetTimestamp();
        foreach (var place in places)
        {
            while (!TryRemove(place))
            {
                if (TimeProvider.System.GetElapsedTime(started) > LongestEnding)
                {
                    throw new SandboxException($"The control group {place} cannot be removed: what is in it does not end.");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, ct);
            }
        }
    }

    private static bool TryRemove(string place)
    {
        try
        {
            foreach (var line in File.ReadAllLines($"{place}/cgroup.procs"))
            {
                _ = Libc.kill(int.Parse(line), (int)Signal.Kill);
            }

            Directory.Delete(place); // The files in it are the kernel's: rmdir takes the folder all the same.
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true; // The runtime was quicker.
        }
        catch (IOException)
        {
            return !Directory.Exists(place); // Busy until the last process is collected.
        }
    }

    private static long? Number(string path) => long.TryParse(TryRead(path), out var number) ? number : null;

    private static string? TryRead(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : null;
}
