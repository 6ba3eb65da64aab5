namespace Belljar.Sandboxes.Oci;

/// <summary>Tells from the runtime's words why a command was not run. A command that ran and failed leaves no words.</summary>
internal static class ExecFailure
{
    private const int Missing = 127;
    private const int NotRunnable = 126;

    public static ExecResult Classify(int code, string complaint)
    {
        if (complaint.Length == 0)
        {
            return new ExecResult(code, ExecEnding.Exited);
        }

        var missing = complaint.Contains("executable file not found", StringComparison.Ordinal)
            || (complaint.Contains("no such file or directory", StringComparison.OrdinalIgnoreCase)
                && !complaint.Contains("cwd", StringComparison.Ordinal)
                && !complaint.Contains("chdir", StringComparison.Ordinal));
        return missing
            ? new ExecResult(Missing, ExecEnding.ProgramMissing, complaint)
            : new ExecResult(NotRunnable, ExecEnding.NotRunnable, complaint);
    }
}
