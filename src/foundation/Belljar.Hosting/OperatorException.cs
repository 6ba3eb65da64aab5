namespace Belljar.Hosting;

/// <summary>
/// A mistake that the operator can mend: its message is one line, says what to do, and is all that he sees of it.
/// </summary>
/// <param name="message">One line for the operator.</param>
/// <param name="exitCode">1 failed, 2 wrong usage, 3 not reachable.</param>
public sealed class OperatorException(string message, int exitCode = OperatorException.Failed) : Exception(message)
{
    public const int Failed = 1;
    public const int WrongUsage = 2;
    public const int NotReachable = 3;

    public int ExitCode { get; } = exitCode;
}
