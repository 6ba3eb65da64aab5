using System.Diagnostics.CodeAnalysis;
using Belljar.Sandboxes.Processes;

namespace E2E.Tests;

/// <summary>Real programs of the system, run as anybody would.</summary>
internal static class Clients
{
    /// <summary>The test is skipped, with the reason, where the program is absent.</summary>
    public static void Need(string program) =>
        Assert.SkipWhen(ProgramPath.Find(program) is null, $"{program} is not installed");

    [SuppressMessage("ApiDesign", "RS0030", Justification = "The tests hand their own PATH on.")]
    public static Task<RunResult> RunAsync(params string[] command)
    {
        Need(command[0]);
        return ChildProcess.RunAsync(
            new ChildSpec(command) { Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default, ["HOME"] = "/", ["LANG"] = "C.UTF-8" } },
            new RunLimits { Timeout = TimeSpan.FromSeconds(60) },
            CancellationToken.None);
    }

    /// <summary>Looks until it is so, for at most ten seconds.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> isSo, string what)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (isSo(seen))
            {
                return seen;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(10), $"not within ten seconds: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }
}
