using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Processes;

namespace Belljar.Mail.Hooks;

/// <summary>
/// Runs a hook's program: in a session of its own, with nothing in its environment but what the message says, the stored
/// file as its standard input, within limits, as the mailbox's owner (see <see cref="HookCommand"/>).
/// </summary>
internal sealed class HookProgram(TimeProvider clock)
{
    /// <summary>Between SIGTERM and SIGKILL.</summary>
    public static readonly TimeSpan Mercy = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    /// <param name="owner">Who owns the mailbox; null: whoever runs this worker.</param>
    /// <param name="path">The stored file.</param>
    /// <param name="stopping">Ends the program as its timeout does.</param>
    public async Task<HookResult> RunAsync(HookCall call, IReadOnlyList<string> command, string? owner, string path, CancellationToken stopping)
    {
        if (HookCommand.Of(command, call.Hook.Timeout, owner, out var trouble) is not { } whole)
        {
            return new HookResult("not_started", Error: trouble);
        }

        using var message = File.OpenHandle(path);
        ChildProcess child;
        try
        {
            child = ChildProcess.Start(new ChildSpec(whole)
            {
                Environment = call.Environment(path),
                WorkingDirectory = "/",
                Input = ChildStream.From(message),
                Output = ChildStream.Pipe,
                Error = ChildStream.Pipe,
            });
        }
        catch (Exception failed) when (failed is ProgramNotFoundException or NativeException)
        {
            return new HookResult("not_started", Error: failed.Message);
        }

        await using (child)
        {
            return await WatchAsync(child, call.Hook.Timeout, stopping);
        }
    }

    private async Task<HookResult> WatchAsync(ChildProcess child, TimeSpan timeout, CancellationToken stopping)
    {
        using var enough = new CancellationTokenSource();
        var output = new OutputTail();
        var error = new OutputTail();
        var reading = Task.WhenAll(output.ReadAsync(child.Output!, enough.Token), error.ReadAsync(child.Error!, enough.Token));
        var timedOut = !await EndsWithinAsync(child, timeout, stopping);
        if (timedOut)
        {
            child.SendToGroup(Signal.Terminate);
            await EndsWithinAsync(child, Mercy, CancellationToken.None);
        }

        // Always: what it left running in its group ends with it.
        child.SendToGroup(Signal.Kill);
        var code = await child.Exited;
        enough.CancelAfter(LastWords);
        await reading;
        return new HookResult(timedOut ? "timeout" : code == 0 ? "ok" : "failed", code, output.ToString(), error.ToString());
    }

    private async Task<bool> EndsWithinAsync(ChildProcess child, TimeSpan time, CancellationToken stopping)
    {
        try
        {
            await child.Exited.WaitAsync(time, clock, stopping);
            return true;
        }
        catch (Exception over) when (over is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }
}
