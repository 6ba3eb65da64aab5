using System.Text.RegularExpressions;
using Belljar.Manifest;

namespace Belljar.Bottles.Manifests;

/// <summary>A bottle as its file says: policy for one kind of sandboxed agent.</summary>
/// <param name="Name">The file's name without <c>.md</c>.</param>
/// <param name="Egress">The <c>egress</c> section, for the gate to bind; null when there is none, and then nothing may leave.</param>
/// <param name="Forwards">The list <c>forwards</c>, where it stands outside of that section; null when it does not.</param>
/// <param name="Environment">Literal values and <c>${HOST_VARIABLE}</c>, as written.</param>
/// <param name="Limits">What a session may use.</param>
public sealed partial record BottleManifest(
    string Name, SettingsNode? Egress, SettingsNode? Forwards, IReadOnlyList<NamedValue<string>> Environment, BottleLimits Limits)
{
    private static readonly SettingsType<string> VariableName =
        Text.Matching("the name of an environment variable", name => VariablePattern().IsMatch(name));

    /// <summary>Keys that the file format has and this version does not honour: silence about them would be a promise.</summary>
    private static readonly string[] Later =
        ["extends", "agent_provider", "git-gate", "mailbox", "approvals", "supervise", "workspace", "canaries", "image", "backend"];

    /// <summary>Keys of an older form, and where they went.</summary>
    private static readonly (string Key, string Hint)[] Replaced =
        [("git", "it is called git-gate now"), ("cred_proxy", "credentials are named by egress.routes[].auth now")];

    /// <returns>The bottle; not to be used when there were mistakes.</returns>
    public static BottleManifest Read(string name, SettingsReader reader)
    {
        foreach (var key in Later)
        {
            reader.Refuse(key, "this version does not support it yet");
        }

        foreach (var (key, hint) in Replaced)
        {
            reader.Refuse(key, hint);
        }

        var manifest = new BottleManifest(
            name,
            reader.Node("egress"),
            reader.Node("forwards"),
            reader.NamedValues("env", VariableName, Text.OneLine),
            BottleLimits.Read(reader.Section("limits")));
        reader.End();
        return manifest;
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,127}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VariablePattern();
}

/// <summary>What a session may use at most.</summary>
/// <param name="MemoryBytes">Bytes; null for no limit of ours.</param>
/// <param name="Processors">How many processors' worth of time; null for no limit of ours.</param>
public sealed record BottleLimits(long? MemoryBytes, double? Processors, int Processes)
{
    /// <summary>Enough for any build, and the end of a fork bomb.</summary>
    public const int DefaultProcesses = 4096;

    internal static BottleLimits Read(SettingsReader reader) => new(
        reader.OptionalValue("memory", ByteSize.Between(16L << 20, 1L << 44)),
        reader.OptionalValue("cpus", Number.Between(0.05, 1024.0)),
        reader.Optional("pids", DefaultProcesses, Number.Between(16, 1 << 22)));
}
