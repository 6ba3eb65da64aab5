using System.Text;

namespace Belljar.Decoys.World;

/// <summary>A file or folder in the home of somebody who works with a host.</summary>
/// <param name="Path">Absolute, without a slash at its end.</param>
/// <param name="Content">Null: a folder.</param>
internal sealed record DecoyFile(string Path, byte[]? Content, DateTimeOffset Modified)
{
    private static readonly DateTimeOffset Latest = new(2026, 3, 31, 17, 0, 0, TimeSpan.Zero);

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public string Folder => Path.LastIndexOf('/') is > 0 and var slash ? Path[..slash] : "/";

    public static string Home(string user) => $"/home/{user}";

    /// <summary>The whole tree that a user sees: the system's folders, and his home with exports of the host's databases.</summary>
    public static IReadOnlyDictionary<string, DecoyFile> Of(DecoyIdentity identity, string user)
    {
        var home = Home(user);
        var files = new List<DecoyFile> { At(identity, "/", null) };
        files.AddRange(new[] { "/bin", "/boot", "/etc", "/home", "/opt", "/root", "/srv", "/tmp", "/usr", "/var", home, home + "/exports" }
            .Select(folder => At(identity, folder, null)));
        foreach (var database in DecoyDatabase.Of(identity))
        {
            foreach (var table in database.Tables)
            {
                var lines = table.Rows.Select(row => string.Join(';', row)).Prepend(string.Join(';', table.Columns));
                files.Add(At(identity, $"{home}/exports/{database.Name}-{table.Name}.csv", string.Join('\n', lines) + "\n"));
            }
        }

        var colleague = DecoyPerson.Of(identity)[0];
        files.Add(At(identity, home + "/notes.txt", $"- exports run at {identity.Between("ftp.hour", 1, 5)}:30, ask {colleague.First} when one is missing\n- old ones are removed after {identity.Between("ftp.days", 14, 90)} days\n"));
        return files.ToDictionary(file => file.Path);
    }

    private static DecoyFile At(DecoyIdentity identity, string path, string? text) => new(
        path, text is null ? null : Encoding.UTF8.GetBytes(text), Latest.AddMinutes(-identity.Between($"file.{path}", 10, 600_000)));
}
