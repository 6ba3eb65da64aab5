namespace Belljar.Sandboxes.Processes;

/// <summary>Finds programs by name.</summary>
public static class ProgramPath
{
    /// <summary>Where system programs are, for processes that have no <c>PATH</c> of their own.</summary>
    public const string Default = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <returns>The absolute path of an executable file, or null. A name with a slash is only checked.</returns>
    public static string? Find(string program, string path = Default)
    {
        if (program.Contains('/'))
        {
            return IsExecutable(program) ? program : null;
        }

        return path.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Where(folder => folder.StartsWith('/'))
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string file) =>
        File.Exists(file)
        && (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != UnixFileMode.None;
}
