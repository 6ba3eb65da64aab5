using System.Text.Json;
using Belljar.Contracts;

namespace Belljar.Bottles.Sessions;

/// <summary>A session's own state: <c>state/sessions/SLUG/session.json</c>. It stays when the session has ended.</summary>
public sealed class SessionFolder(string sessions, SessionSlug slug)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Path { get; } = System.IO.Path.Combine(sessions, slug.Value);

    public string GateLog => System.IO.Path.Combine(Path, "gate.log");

    /// <summary>Locked for as long as the supervisor lives.</summary>
    public string Lock => System.IO.Path.Combine(Path, "supervisor");

    private string RecordFile => System.IO.Path.Combine(Path, "session.json");

    public void Create() => Directory.CreateDirectory(Path, OwnerOnly);

    public void Write(SessionRecord record)
    {
        // A new file in place of the old one: a reader sees one or the other.
        var unfinished = RecordFile + ".new";
        File.WriteAllBytes(unfinished, JsonSerializer.SerializeToUtf8Bytes(record, SessionJson.Default.SessionRecord));
        File.Move(unfinished, RecordFile, overwrite: true);
    }

    /// <summary>The sessions that there are, by start and slug; a folder that says nothing readable is left out.</summary>
    public static IReadOnlyList<(SessionRecord Record, bool IsActive)> All(string sessions)
    {
        if (!Directory.Exists(sessions))
        {
            return [];
        }

        return [.. Directory.EnumerateDirectories(sessions)
            .Select(folder => System.IO.Path.GetFileName(folder))
            .Where(name => SessionSlug.TryParse(name, out _))
            .Select(name => new SessionFolder(sessions, new SessionSlug(name)))
            .Select(folder => (Record: folder.Read(), Folder: folder))
            .Where(session => session.Record is not null)
            .Select(session => (session.Record!, session.Folder.HasSupervisor()))
            .OrderBy(session => session.Item1.StartedAt)
            .ThenBy(session => session.Item1.Slug, StringComparer.Ordinal)];
    }

    private SessionRecord? Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(RecordFile), SessionJson.Default.SessionRecord);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private bool HasSupervisor()
    {
        using var free = Hosting.SocketLock.TryTake(Lock);
        return free is null;
    }
}
