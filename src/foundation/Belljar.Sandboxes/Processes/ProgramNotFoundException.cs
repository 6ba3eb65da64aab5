namespace Belljar.Sandboxes.Processes;

/// <summary>A program that was to be started is not there (or not executable).</summary>
public sealed class ProgramNotFoundException(string program) : IOException($"There is no program '{program}'; install it, or check the path.")
{
    public string Program { get; } = program;
}
