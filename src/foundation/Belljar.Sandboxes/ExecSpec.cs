using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes;

/// <summary>A command to run inside a sandbox.</summary>
public sealed record ExecSpec
{
    /// <param name="command">The argument array; a program without a slash is looked for on the <c>PATH</c> of the inside.</param>
    public ExecSpec(params IReadOnlyList<string> command)
    {
        Command = command;
    }

    public IReadOnlyList<string> Command { get; init; }

    /// <summary>Null: the sandbox's own user.</summary>
    public SandboxUser? User { get; init; }

    /// <summary>Added to the sandbox's environment. Values reach the process by a descriptor: no argument list or file shows them.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Null: the user's home.</summary>
    public string? WorkingDirectory { get; init; }

    public ChildStream Input { get; init; } = ChildStream.Null;

    public ChildStream Output { get; init; } = ChildStream.Null;

    public ChildStream Error { get; init; } = ChildStream.Null;

    /// <summary>Descriptors that the command gets as 3, 4, …: an accepted connection, for instance.</summary>
    public IReadOnlyList<SafeHandle> Descriptors { get; init; } = [];

    /// <summary>Set: the command runs on a terminal of this size, which is both streams of the process; the three streams are not looked at.</summary>
    public TerminalSize? Terminal { get; init; }

    /// <summary>After this the command is killed and the exit code is 124.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>How a command inside ended.</summary>
public enum ExecEnding
{
    Exited,

    /// <summary>Exit code 124.</summary>
    TimedOut,

    /// <summary>Exit code 127.</summary>
    ProgramMissing,

    /// <summary>There, but not to be run: no permission, wrong format, missing working directory. Exit code 126.</summary>
    NotRunnable,
}

/// <param name="ExitCode">The command's own, or 128 and the signal that ended it, or as <see cref="ExecEnding"/> says.</param>
/// <param name="Reason">Why it could not be run, in the backend's words; null otherwise.</param>
public sealed record ExecResult(int ExitCode, ExecEnding Ending, string? Reason = null);

/// <summary>A command that runs inside a sandbox. Disposing kills it if it has not ended.</summary>
public interface IExecution : IAsyncDisposable
{
    /// <summary>The writing end of its input, where that is a pipe or a terminal.</summary>
    Stream? Input { get; }

    Stream? Output { get; }

    Stream? Error { get; }

    /// <summary>Never fails because the command does.</summary>
    Task<ExecResult> Completed { get; }

    /// <summary>Tells the command's terminal its new size; without a terminal nothing happens.</summary>
    void Resize(TerminalSize size);

    /// <returns>False when it has ended.</returns>
    bool Send(Signal signal);
}
