namespace Belljar.Sandboxes.Privileges;

/// <summary>Under which user numbers the unprivileged parts run when the product was started by root.</summary>
public static class ServiceUser
{
    public const string Name = "belljar";

    /// <summary>
    /// The service's number where there is no user <see cref="Name"/>: in the range that systemd keeps for numbers without
    /// a name (61184–65519), so that no account of the machine has it.
    /// </summary>
    public const int DefaultUid = 61_940;

    /// <summary>The first and last number for gates, one for each live session.</summary>
    public const int FirstGateUid = 62_000;

    public const int LastGateUid = 63_999;

    /// <summary>The user <see cref="Name"/> of a passwd file, else the default number for both.</summary>
    public static LocalUser Find(string passwdFile = "/etc/passwd")
    {
        var fields = File.Exists(passwdFile)
            ? File.ReadLines(passwdFile).Select(line => line.Split(':')).FirstOrDefault(parts => parts.Length >= 7 && parts[0] == Name)
            : null;
        return fields is not null && int.TryParse(fields[2], out var uid) && int.TryParse(fields[3], out var gid)
            ? new LocalUser(uid, gid)
            : new LocalUser(DefaultUid, DefaultUid);
    }
}

/// <summary>A user of this machine.</summary>
/// <param name="Groups">Further groups, for the files that they open.</param>
public sealed record LocalUser(int Uid, int Gid, params IReadOnlyList<int> Groups);
