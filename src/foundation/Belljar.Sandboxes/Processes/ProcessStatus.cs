namespace Belljar.Sandboxes.Processes;

/// <summary>Some fields of /proc/PID/stat (proc_pid_stat(5)).</summary>
internal sealed record ProcessStatus(int Pid, char State, int Parent, int Session, ulong StartTime)
{
    /// <summary>A zombie, or about to be gone.</summary>
    public bool IsEnded => State is 'Z' or 'X';

    /// <returns>Null when there is no such process.</returns>
    public static ProcessStatus? Of(int pid)
    {
        try
        {
            // The name, in parentheses, may contain anything: the fields start behind the last one.
            var text = File.ReadAllText($"/proc/{pid}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return new ProcessStatus(pid, fields[0][0], int.Parse(fields[1]), int.Parse(fields[3]), ulong.Parse(fields[19]));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static IEnumerable<ProcessStatus> All() => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), out var pid) ? Of(pid) : null)
        .OfType<ProcessStatus>();
}
