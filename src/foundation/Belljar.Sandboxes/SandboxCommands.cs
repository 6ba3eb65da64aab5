using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes;

/// <summary>Short commands inside a sandbox, run to their end.</summary>
public static class SandboxCommands
{
    /// <summary>Runs a command, feeds it, and gives back what came out, bounded. Streams and timeout of the spec are set by the limits.</summary>
    public static async Task<RunResult> RunAsync(this ISandbox sandbox, ExecSpec exec, RunLimits limits, CancellationToken ct)
    {
        await using var execution = await sandbox.ExecAsync(
            exec with
            {
                Input = limits.Input.IsEmpty ? ChildStream.Null : ChildStream.Pipe,
                Output = ChildStream.Pipe,
                Error = ChildStream.Pipe,
                Timeout = limits.Timeout,
            },
            ct);
        var output = new CappedOutput(limits.MostOutput);
        var error = new CappedOutput(limits.MostOutput);
        await Task.WhenAll(
            ChildRun.FeedAsync(execution.Input, limits.Input, ct),
            output.ReadAsync(execution.Output!, ct),
            error.ReadAsync(execution.Error!, ct));
        var result = await execution.Completed.WaitAsync(ct);
        return new RunResult(
            result.ExitCode, output.ToArray(), error.ToArray(), result.Ending == ExecEnding.TimedOut, output.Truncated || error.Truncated);
    }
}
