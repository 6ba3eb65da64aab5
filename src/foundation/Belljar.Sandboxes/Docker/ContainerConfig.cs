using System.Text.Json.Nodes;
using Belljar.Sandboxes.Isolation;

namespace Belljar.Sandboxes.Docker;

/// <summary>Builds what an engine is told about a new container: as tight as the oci backend's, as far as engines can say it.</summary>
internal static class ContainerConfig
{
    public const string NameLabel = "belljar.sandbox";
    public const string StoreLabel = "belljar.store";
    public const string RecordLabel = "belljar.record";

    /// <summary>On containers that help for a moment: who made them.</summary>
    public const string HelperLabel = "belljar.helper";

    public const string InitInside = "/.init";
    public const string LauncherInside = "/.launch";

    private const double NanosecondsPerSecond = 1e9;

    public static JsonObject Build(DockerRecord record, string store, string? runtime) => new()
    {
        ["Image"] = record.Image,
        ["Entrypoint"] = new JsonArray(InitInside),
        ["Cmd"] = new JsonArray(),
        ["Env"] = new JsonArray(),
        ["User"] = "0:0",
        ["WorkingDir"] = "/",
        ["Hostname"] = record.Hostname,
        ["StopSignal"] = "SIGKILL", // The first process has nothing to tidy up, and no ear for others.
        ["AttachStdin"] = false,
        ["AttachStdout"] = false,
        ["AttachStderr"] = false,
        ["Healthcheck"] = new JsonObject { ["Test"] = new JsonArray("NONE") },
        ["Labels"] = new JsonObject { [NameLabel] = record.Name, [StoreLabel] = store, [RecordLabel] = record.ToJson() },
        ["HostConfig"] = HostConfig(record, runtime),
    };

    /// <summary>So that cleaning up finds a helper whose maker was killed.</summary>
    public static JsonObject HelperLabels(string store) => new() { [StoreLabel] = store, [HelperLabel] = MakingMark.Self };

    private static JsonObject HostConfig(DockerRecord record, string? runtime)
    {
        var config = new JsonObject
        {
            ["NetworkMode"] = "none",
            ["Dns"] = new JsonArray("127.0.0.1"), // Else the engine copies the host's resolvers.
            ["DnsSearch"] = new JsonArray("."),
            ["IpcMode"] = "private",
            ["CgroupnsMode"] = "private",
            ["CapDrop"] = new JsonArray("ALL"),
            ["CapAdd"] = Json.Array(Capabilities.For(record.Profile)),
            ["SecurityOpt"] = SecurityOptions(record.Profile),
            ["MaskedPaths"] = Json.Array(HiddenPaths.Masked),
            ["ReadonlyPaths"] = Json.Array(HiddenPaths.ReadOnly),
            ["Tmpfs"] = new JsonObject
            {
                ["/tmp"] = "rw,exec,nosuid,nodev,mode=1777,size=2g",
                ["/run"] = "rw,nosuid,nodev,mode=755,size=256m",
            },
            ["ShmSize"] = 1L << 30,
            ["Binds"] = Binds(record),
            ["LogConfig"] = new JsonObject { ["Type"] = "none" }, // A flood of output must not fill the host's disk.
            ["RestartPolicy"] = new JsonObject { ["Name"] = "no" },
        };
        if (runtime is not null)
        {
            config["Runtime"] = runtime;
        }

        AddLimits(config, record.Limits);
        if (record.HasDisk)
        {
            config["StorageOpt"] = new JsonObject { ["size"] = $"{record.Limits.DiskBytes}" };
        }

        return config;
    }

    private static JsonArray SecurityOptions(SandboxProfile profile)
    {
        var options = new JsonArray("seccomp=" + SeccompFilter.ForAnyMachine().ToJsonString());
        if (profile == SandboxProfile.Agent)
        {
            options.Add((JsonNode)"no-new-privileges:true");
        }

        return options;
    }

    private static JsonArray Binds(DockerRecord record) => Json.Array(
        record.HostFolders.Select(folder => $"{folder}:{folder}:ro")
            .Concat(record.Mounts.Select(mount => $"{mount.HostPath}:{mount.Path}:{(mount.ReadOnly ? "ro" : "rw")}")));

    private static void AddLimits(JsonObject config, SandboxLimits limits)
    {
        if (limits.MemoryBytes is { } memory)
        {
            config["Memory"] = memory;
            config["MemorySwap"] = memory;
        }

        if (limits.Cpus is { } cpus)
        {
            config["NanoCpus"] = (long)(cpus * NanosecondsPerSecond);
        }

        if (limits.Processes is { } processes)
        {
            config["PidsLimit"] = processes;
        }
    }
}
