namespace Belljar.Sandboxes.Processes;

/// <summary>Signals for processes that are not children: a session's supervisor, by the number that it has written down.</summary>
public static class ProcessSignal
{
    /// <returns>False when there is no such process, or it is not ours to signal.</returns>
    public static bool TrySend(int pid, Signal signal)
    {
        using var process = ProcessDescriptor.TryOpen(pid);
        return process?.Send(signal) is true;
    }
}
