using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes;

/// <summary>What a command inside finds in its environment: the command's own values win over the sandbox's.</summary>
internal static class ExecEnvironment
{
    public static List<string> Of(ExecSpec exec, SandboxUser user, IReadOnlyDictionary<string, string> ofSandbox)
    {
        var values = ofSandbox.Concat(exec.Environment)
            .GroupBy(pair => pair.Key)
            .Select(group => $"{group.Key}={group.Last().Value}")
            .ToList();
        AddMissing(values, "PATH", ProgramPath.Default);
        AddMissing(values, "HOME", user.Home);
        AddMissing(values, "USER", user.Name);
        return values;
    }

    public static string PathOf(IEnumerable<string> environment) =>
        environment.First(pair => pair.StartsWith("PATH=", StringComparison.Ordinal))["PATH=".Length..];

    private static void AddMissing(List<string> values, string name, string value)
    {
        if (!values.Any(pair => pair.StartsWith(name + "=", StringComparison.Ordinal)))
        {
            values.Add($"{name}={value}");
        }
    }
}
