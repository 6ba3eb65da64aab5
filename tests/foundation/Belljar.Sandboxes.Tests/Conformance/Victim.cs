using System.Diagnostics.CodeAnalysis;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes.Tests.Conformance;

/// <summary>
/// A process that is to be killed while it works with sandboxes: this assembly, started again for the one "test" below,
/// which is not among those that are run without being asked for.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "The environment is how the victim learns what to do.")]
public class Victim
{
    private const string Variable = "BELLJAR_TEST_VICTIM";
    private const int AtOnce = 3;

    public static bool IsThis => Environment.GetEnvironmentVariable(Variable) is not null;

    /// <param name="ready">Files of this name and a number are there once the work goes on.</param>
    /// <param name="mark">Digits that are in the names of the sandboxes and on the argument lists of their commands.</param>
    internal static ChildProcess Start(string backend, SandboxSettings settings, string ready, string mark, bool busy)
    {
        string[] self = Path.GetFileName(Environment.ProcessPath) == "dotnet"
            ? [Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "Belljar.Sandboxes.Tests.dll")]
            : [Environment.ProcessPath!];
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = ProgramPath.Default,
            [Variable] = string.Join('\n', backend, settings.StateFolder, settings.RunFolder, settings.EngineSocket, ready, mark, busy ? "busy" : "changing"),
        };
        foreach (var name in new[] { "DOTNET_ROOT", "HOME", "TMPDIR" })
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                environment[name] = value;
            }
        }

        return ChildProcess.Start(new ChildSpec([.. self, "-explicit", "only", "-method", $"{typeof(Victim).FullName}.{nameof(Work)}"]) { Environment = environment });
    }

    [Fact(Explicit = true)]
    public async Task Work()
    {
        Assert.SkipUnless(IsThis, "only to be killed");
        var words = Environment.GetEnvironmentVariable(Variable)!.Split('\n');
        var backend = SandboxBackends.All[words[0]].Open(new SandboxSettings { StateFolder = words[1], RunFolder = words[2], EngineSocket = words[3] });
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(i => words[6] == "busy" ? RunAsync(backend, words[5], i, words[4]) : ChangeAsync(backend, words[5], i, words[4])));
    }

    /// <summary>Running sandboxes with commands in them.</summary>
    private static async Task RunAsync(ISandboxBackend backend, string mark, int number, string ready)
    {
        var sandbox = await backend.CreateAsync(new SandboxSpec { Name = $"v{mark}-{number}" }, default);
        await sandbox.StartAsync(default);
        await using var first = await sandbox.ExecAsync(new ExecSpec("sleep", mark), default);
        await using var second = await sandbox.ExecAsync(new ExecSpec("sh", "-c", $"setsid sleep {mark} & cat") { Input = ChildStream.Pipe, Output = ChildStream.Pipe }, default);
        await second.Input!.WriteAsync("x"u8.ToArray());
        await second.Output!.ReadExactlyAsync(new byte[1]);
        await File.WriteAllTextAsync($"{ready}{number}", "");
        await first.Completed;
    }

    /// <summary>Making, starting, using, stopping, removing, again and again: each at another point when the end comes.</summary>
    private static async Task ChangeAsync(ISandboxBackend backend, string mark, int number, string ready)
    {
        for (var round = 0; ; round++)
        {
            var sandbox = await backend.CreateAsync(new SandboxSpec { Name = $"v{mark}-{number}-{round}" }, default);
            await sandbox.StartAsync(default);
            await sandbox.WriteFileAsync("/home/agent/x", new byte[100], SandboxFileAttributes.Default, default);
            await sandbox.SnapshotAsync("one", default);
            await sandbox.StopAsync(default);
            await sandbox.DeleteAsync(default);
            await File.WriteAllTextAsync($"{ready}{number}", "");
        }
    }
}
