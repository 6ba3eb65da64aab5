using System.Text.Json.Nodes;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes.Oci;

/// <summary>The <c>process</c> object of the OCI runtime specification.</summary>
internal static class OciProcess
{
    private static readonly string[] AgentSets = ["bounding", "effective", "permitted"];

    /// <summary>Process 1: no capability, no environment, no privilege to gain.</summary>
    public static JsonObject Init(string path) =>
        Build([path], [], "/", SandboxUser.Root, capabilities: [], noNewPrivileges: true, new SandboxLimits(Processes: null), terminal: null);

    public static JsonObject Command(ExecSpec exec, SandboxUser user, SandboxProfile profile, SandboxLimits limits, IReadOnlyDictionary<string, string> environment)
    {
        return Build(
            exec.Command,
            ExecEnvironment.Of(exec, user, environment),
            exec.WorkingDirectory ?? user.Home,
            user,
            Capabilities.For(profile),
            noNewPrivileges: profile == SandboxProfile.Agent,
            limits,
            exec.Terminal);
    }

    private static JsonObject Build(
        IEnumerable<string> command,
        IEnumerable<string> environment,
        string folder,
        SandboxUser user,
        IReadOnlyList<string> capabilities,
        bool noNewPrivileges,
        SandboxLimits limits,
        TerminalSize? terminal)
    {
        var process = new JsonObject
        {
            ["terminal"] = terminal is not null,
            ["user"] = new JsonObject { ["uid"] = user.Uid, ["gid"] = user.Gid },
            ["args"] = Json.Array(command),
            ["env"] = Json.Array(environment),
            ["cwd"] = folder,
            ["noNewPrivileges"] = noNewPrivileges,
            ["capabilities"] = CapabilitySets(capabilities),
        };
        if (Rootless.IsEntered && limits.Processes is { } processes)
        {
            // No control group to use: the kernel counts a user's processes in each user namespace for itself.
            process["rlimits"] = new JsonArray(new JsonObject { ["type"] = "RLIMIT_NPROC", ["soft"] = processes, ["hard"] = processes });
        }

        if (terminal is { } size)
        {
            process["consoleSize"] = new JsonObject { ["width"] = size.Columns, ["height"] = size.Rows };
        }

        return process;
    }

    /// <summary>Nothing inheritable or ambient: a user who is not root has none, whatever it runs.</summary>
    private static JsonObject CapabilitySets(IReadOnlyList<string> capabilities)
    {
        var sets = new JsonObject { ["inheritable"] = new JsonArray(), ["ambient"] = new JsonArray() };
        foreach (var set in AgentSets)
        {
            sets[set] = Json.Array(capabilities);
        }

        return sets;
    }
}
