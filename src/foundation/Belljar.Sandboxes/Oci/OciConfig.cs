using System.Text.Json.Nodes;
using Belljar.Sandboxes.Isolation;

namespace Belljar.Sandboxes.Oci;

/// <summary>Builds <c>config.json</c>: what of a sandbox is the same for all of its commands. No value of the environment is in it.</summary>
internal static class OciConfig
{
    private const int CpuPeriod = 100_000; // µs

    public static JsonObject Build(SandboxRecord record, OciPaths paths, CgroupSupport cgroups) => new()
    {
        ["ociVersion"] = "1.0.2",
        ["hostname"] = record.Hostname,
        ["process"] = OciProcess.Init(OciPaths.InitInside),
        ["root"] = new JsonObject { ["path"] = paths.MountPoint, ["readonly"] = false },
        ["mounts"] = Mounts(record, paths),
        ["linux"] = new JsonObject
        {
            ["namespaces"] = Namespaces(record),
            ["uidMappings"] = Mapping(record.IdBase),
            ["gidMappings"] = Mapping(record.IdBase),
            ["cgroupsPath"] = Rootless.IsEntered ? "" : "/" + ControlGroup(record.Name, record.IdBase), // "": the runtime may go without.
            ["resources"] = Resources(record.Limits, cgroups),
            ["seccomp"] = SeccompFilter.ForThisMachine(),
            ["maskedPaths"] = Json.Array(HiddenPaths.Masked),
            ["readonlyPaths"] = Json.Array(HiddenPaths.ReadOnly),
        },
    };

    /// <summary>Where in each hierarchy the sandbox's control group is.</summary>
    public static string ControlGroup(string name, uint idBase) => $"belljar/{name}-{idBase}";

    /// <summary>
    /// A network that is joined is not named: runtimes enter the user namespace first and then may not enter a network of
    /// the host's. They are started in it instead, and leave their processes where they are.
    /// </summary>
    private static JsonArray Namespaces(SandboxRecord record)
    {
        var namespaces = new JsonArray(Namespace("user"), Namespace("pid"), Namespace("ipc"), Namespace("uts"), Namespace("mount"), Namespace("cgroup"));
        if (record.NetworkPath is null)
        {
            namespaces.Add((JsonNode)Namespace("network"));
        }

        return namespaces;
    }

    private static JsonObject Namespace(string type) => new() { ["type"] = type };

    private static JsonArray Mapping(uint idBase) =>
        [new JsonObject { ["containerID"] = 0, ["hostID"] = idBase, ["size"] = SubIds.RangeSize }];

    private static JsonArray Mounts(SandboxRecord record, OciPaths paths)
    {
        var mounts = new JsonArray(
            Mount("/proc", "proc", "nosuid", "noexec", "nodev"),
            Mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=64k"),
            Mount("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
            Mount("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", "mode=1777", "size=1g"),
            Mount("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"),
            Mount("/tmp", "tmpfs", "nosuid", "nodev", "mode=1777", "size=2g"),
            Mount("/run", "tmpfs", "nosuid", "nodev", "mode=755", "size=256m"),
            new JsonObject
            {
                ["destination"] = OciPaths.InitInside,
                ["type"] = "bind",
                ["source"] = paths.Init,
                ["options"] = new JsonArray("bind", "ro", "nosuid", "nodev"),
            });

        // sysfs belongs to the network namespace: whoever joins one that the host owns may not mount it.
        mounts.Add((JsonNode)(record.NetworkPath is null
            ? Mount("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro")
            : Mount("/sys", "tmpfs", "nosuid", "noexec", "nodev", "ro", "size=4k")));
        return mounts;
    }

    private static JsonObject Mount(string destination, string type, params string[] options) => new()
    {
        ["destination"] = destination,
        ["type"] = type,
        ["source"] = type,
        ["options"] = Json.Array(options),
    };

    private static JsonObject Resources(SandboxLimits limits, CgroupSupport cgroups)
    {
        var resources = new JsonObject { ["devices"] = new JsonArray(new JsonObject { ["allow"] = false, ["access"] = "rwm" }) };
        if (limits.MemoryBytes is { } memory && cgroups.Memory)
        {
            var limit = new JsonObject { ["limit"] = memory };
            if (cgroups.Swap)
            {
                limit["swap"] = memory;
            }

            resources["memory"] = limit;
        }

        if (limits.Cpus is { } cpus && cgroups.Cpu)
        {
            resources["cpu"] = new JsonObject { ["quota"] = (long)(cpus * CpuPeriod), ["period"] = CpuPeriod };
        }

        if (limits.Processes is { } processes && cgroups.Processes && !Rootless.IsEntered)
        {
            resources["pids"] = new JsonObject { ["limit"] = processes };
        }

        return resources;
    }
}
