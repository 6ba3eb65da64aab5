using System.Runtime.InteropServices;
using Belljar.Sandboxes;
using Belljar.Sandboxes.Processes;

namespace Belljar.Terminals;

/// <summary>A command in a sandbox on a terminal of its own, tied to the operator's: keys, output and size.</summary>
internal static class TerminalExec
{
    private static readonly TerminalSize Usual = new(80, 24);

    public static async Task<ExecResult> RunAsync(ISandbox sandbox, ExecSpec spec, CancellationToken ct)
    {
        var environment = new Dictionary<string, string>(spec.Environment) { ["TERM"] = Hosting.ProcessEnvironment.Get("TERM") ?? "dumb" };
        await using var execution = await sandbox.ExecAsync(spec with { Terminal = OwnTerminal.Size() ?? Usual, Environment = environment }, ct);
        using var resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Resize(execution));
        Resize(execution); // It may have changed before anybody listened.
        using var raw = OwnTerminal.MakeRaw();
        _ = TypeAsync(execution.Input!); // A read of a terminal cannot be called off: it ends with this process.
        await using var output = OwnTerminal.Open(1, FileAccess.Write);
        await execution.Output!.CopyToAsync(output, ct);
        return await execution.Completed.WaitAsync(ct);
    }

    private static void Resize(IExecution execution)
    {
        if (OwnTerminal.Size() is { } size)
        {
            execution.Resize(size);
        }
    }

    private static async Task TypeAsync(Stream terminal)
    {
        try
        {
            await using var keys = OwnTerminal.Open(0, FileAccess.Read);
            await keys.CopyToAsync(terminal);
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException)
        {
            // The command has ended before the keys.
        }
    }
}
