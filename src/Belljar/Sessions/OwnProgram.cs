namespace Belljar.Sessions;

/// <summary>How this program is started again as another process.</summary>
internal static class OwnProgram
{
    /// <summary>The words before the command: the executable, or <c>dotnet</c> and the assembly.</summary>
    public static IReadOnlyList<string> Command { get; } = Find();

    /// <summary>The folders that whoever runs it must be able to read.</summary>
    public static IReadOnlyList<string> Folders { get; } = [.. Command.Select(word => Path.GetDirectoryName(word)!).Distinct()];

    private static string[] Find()
    {
        var process = Environment.ProcessPath ?? throw new InvalidOperationException("The kernel does not say which program this is.");
        var assembly = Path.Combine(AppContext.BaseDirectory, "belljar.dll");
        return Path.GetFileName(process) == "dotnet" ? [process, assembly] : [process];
    }
}
