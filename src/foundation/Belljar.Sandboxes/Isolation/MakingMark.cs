using System.Globalization;

namespace Belljar.Sandboxes.Isolation;

/// <summary>
/// Says that a process is making something: a link that leads to the process's number and when it started. It comes to be
/// in one step, so that two makers of one name exclude each other, and tells work under way from what a crash has left.
/// </summary>
internal sealed class MakingMark : IDisposable
{
    private readonly string _path;

    private MakingMark(string path)
    {
        _path = path;
    }

    /// <summary>This process as marks name it; may be part of a file's name.</summary>
    public static string Self { get; } = Word(InitProcess.Of(Environment.ProcessId)!);

    /// <returns>Null when there is a mark already.</returns>
    public static MakingMark? TrySet(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, (UnixFileMode)0x1C0);
        try
        {
            File.CreateSymbolicLink(path, Self);
            return new MakingMark(path);
        }
        catch (IOException) when (IsSet(path))
        {
            return null;
        }
    }

    public static bool IsSet(string path) => new FileInfo(path).LinkTarget is not null;

    /// <summary>Whether who set the mark still lives.</summary>
    public static bool IsUnderWay(string path) => new FileInfo(path).LinkTarget is { } word && IsAlive(word);

    /// <param name="word">As <see cref="Self"/> gives it.</param>
    public static bool IsAlive(string word) => word.Split('-') is [var pid, var start]
        && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && ulong.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
        && new InitProcess(number, time).IsAlive;

    /// <summary>The names below a folder that a maker who has ended had marked.</summary>
    public static IEnumerable<string> Abandoned(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFileSystemEntries(folder).Where(path => !IsUnderWay(path)).Select(path => Path.GetFileName(path))
        : [];

    public void Dispose() => File.Delete(_path);

    private static string Word(InitProcess process) => string.Create(CultureInfo.InvariantCulture, $"{process.Pid}-{process.StartTime}");
}
