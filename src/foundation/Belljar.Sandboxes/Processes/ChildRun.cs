namespace Belljar.Sandboxes.Processes;

/// <summary>Runs a child to its end with both outputs captured up to a bound.</summary>
internal static class ChildRun
{
    public static async Task<RunResult> RunAsync(ChildSpec spec, RunLimits limits, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(limits.Timeout, limits.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ct);
        await using var child = ChildProcess.Start(spec with
        {
            Input = limits.Input.IsEmpty ? spec.Input : ChildStream.Pipe,
            Output = ChildStream.Pipe,
            Error = ChildStream.Pipe,
        });
        var output = new CappedOutput(limits.MostOutput);
        var error = new CappedOutput(limits.MostOutput);
        using var killed = either.Token.UnsafeRegister(static state => ((ChildProcess)state!).SendToGroup(Signal.Kill), child);
        try
        {
            await Task.WhenAll(
                FeedAsync(child.Input, limits.Input, either.Token),
                output.ReadAsync(child.Output!, either.Token),
                error.ReadAsync(child.Error!, either.Token));
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The deadline: the group has been killed, what was captured is kept.
        }

        var code = await child.Exited.WaitAsync(ct);
        var timedOut = deadline.IsCancellationRequested;
        return new RunResult(
            timedOut ? RunResult.TimedOutCode : code, output.ToArray(), error.ToArray(), timedOut, output.Truncated || error.Truncated);
    }

    internal static async Task FeedAsync(Stream? input, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if (input is null)
        {
            return;
        }

        try
        {
            await input.WriteAsync(bytes, ct);
            await input.DisposeAsync();
        }
        catch (IOException)
        {
            // The child did not want all of it (EPIPE): its exit code tells.
        }
    }
}
