using System.Text;

namespace Belljar.Sandboxes.Processes;

/// <summary>What <see cref="ChildProcess.RunAsync"/> gives the child and allows it.</summary>
public sealed record RunLimits
{
    public static readonly RunLimits Default = new();

    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>After this the child's group is killed and the exit code is <see cref="RunResult.TimedOutCode"/>.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Bytes kept of each of the two outputs; what comes after is read and dropped, so that the child does not block.</summary>
    public int MostOutput { get; init; } = 1 << 20;

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <param name="ExitCode">128 and the number of the signal when one ended it.</param>
/// <param name="Truncated">One of the outputs was longer than allowed.</param>
public sealed record RunResult(int ExitCode, byte[] Output, byte[] Error, bool TimedOut, bool Truncated)
{
    /// <summary>As timeout(1) has it.</summary>
    public const int TimedOutCode = 124;

    /// <summary>Ended by SIGKILL.</summary>
    public const int KilledCode = 137;

    public bool Succeeded => ExitCode == 0;

    public string OutputText => Encoding.UTF8.GetString(Output);

    public string ErrorText => Encoding.UTF8.GetString(Error);
}
