using Belljar.Sandboxes.Isolation;

namespace Belljar.Sandboxes.Docker;

/// <summary>What of a store of containers lies on our side: marks of those that are being made, and places to meet helpers.</summary>
internal sealed class DockerStore(SandboxSettings settings)
{
    private readonly string _marks = Path.Combine(settings.StateFolder, ".making-containers");
    private readonly string _meetings = Path.Combine(settings.StateFolder, ".meetings");

    /// <summary>As containers' labels name it.</summary>
    public string Name { get; } = Path.GetFullPath(settings.StateFolder);

    public string MakingMark(string name) => Path.Combine(_marks, name);

    public bool IsBeingMade(string name) => Isolation.MakingMark.IsSet(MakingMark(name));

    /// <summary>Sandboxes whose maker ended before they were whole.</summary>
    public IEnumerable<string> HalfMade() => Isolation.MakingMark.Abandoned(_marks);

    /// <summary>A new folder, closed to others.</summary>
    public string NewMeeting()
    {
        Directory.CreateDirectory(_meetings, (UnixFileMode)0x1C0);
        return Directory.CreateDirectory(Path.Combine(_meetings, $"{Guid.NewGuid():N}.{Isolation.MakingMark.Self}"), (UnixFileMode)0x1C0).FullName;
    }

    public IEnumerable<string> LeftMeetings() => Directory.Exists(_meetings)
        ? Directory.EnumerateDirectories(_meetings).Where(folder => !Isolation.MakingMark.IsAlive(folder[(folder.LastIndexOf('.') + 1)..]))
        : [];
}
