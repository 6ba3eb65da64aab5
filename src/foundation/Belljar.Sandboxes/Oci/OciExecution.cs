using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes.Oci;

/// <summary>A command that the runtime started in a sandbox: the runtime stays its parent and passes on its exit code.</summary>
internal sealed class OciExecution : IExecution
{
    private readonly OciRuntime.RuntimeCall _call;
    private readonly InitProcess _init;
    private readonly PseudoTerminal? _terminal;
    private readonly string _pidFile;

    public OciExecution(OciRuntime.RuntimeCall call, InitProcess init, ExecSpec exec, PseudoTerminal? terminal, string pidFile, TimeProvider clock)
    {
        _call = call;
        _init = init;
        _terminal = terminal;
        _pidFile = pidFile;
        Completed = CompleteAsync(exec.Timeout, clock);
    }

    public Stream? Input => _terminal?.Stream ?? _call.Child.Input;

    public Stream? Output => _terminal?.Stream ?? _call.Child.Output;

    public Stream? Error => _call.Child.Error;

    public Task<ExecResult> Completed { get; }

    public void Resize(TerminalSize size) => _terminal?.Resize(size);

    public bool Send(Signal signal) => CommandPid() is { } pid && Native.Libc.kill(pid, (int)signal) == 0;

    public async ValueTask DisposeAsync()
    {
        if (!Completed.IsCompleted)
        {
            Kill();
        }

        await _call.DisposeAsync();
        await Completed;
        _terminal?.Dispose();
    }

    private async Task<ExecResult> CompleteAsync(TimeSpan? timeout, TimeProvider clock)
    {
        var timedOut = false;
        try
        {
            await _call.Child.Exited.WaitAsync(timeout ?? Timeout.InfiniteTimeSpan, clock);
        }
        catch (TimeoutException)
        {
            timedOut = true;
            Kill();
        }

        var code = await _call.Child.Exited;
        if (CommandPid() is { } orphan)
        {
            _init.KillSession(orphan); // The runtime was killed: without its parent the command is nobody's.
        }
        else if (code == RunResult.KilledCode && !File.Exists(_pidFile))
        {
            _init.KillOrphans(); // It was killed before it had said which process the command is.
        }

        File.Delete(_pidFile);
        if (timedOut)
        {
            return new ExecResult(RunResult.TimedOutCode, ExecEnding.TimedOut);
        }

        var complaint = code == 0 ? "" : await _call.ComplaintAsync(CancellationToken.None);
        return ExecFailure.Classify(code, complaint);
    }

    private void Kill()
    {
        if (CommandPid() is not { } pid)
        {
            _call.Child.SendToGroup(Signal.Kill); // Not in the sandbox yet.
            return;
        }

        _init.KillSession(pid);
    }

    /// <summary>The command's number on the host, while it is in the sandbox.</summary>
    private int? CommandPid() =>
        File.Exists(_pidFile) && int.TryParse(File.ReadAllText(_pidFile), out var pid) && _init.Contains(pid) ? pid : null;
}
