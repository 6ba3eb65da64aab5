using System.Globalization;

namespace Belljar.Mail.Storage;

/// <summary>A user of this machine.</summary>
internal readonly record struct MachineUser(uint Uid, uint Gid);

/// <summary>Users by name or number, from <c>/etc/passwd</c>.</summary>
internal static class UserNames
{
    public static bool TryFind(string nameOrUid, out MachineUser user, string passwdFile = "/etc/passwd")
    {
        user = default;
        var lines = File.Exists(passwdFile) ? File.ReadLines(passwdFile) : [];
        foreach (var fields in lines.Select(line => line.Split(':')))
        {
            if (fields.Length >= 7 && (fields[0] == nameOrUid || fields[2] == nameOrUid) && TryNumber(fields[2], out var uid) && TryNumber(fields[3], out var gid))
            {
                user = new MachineUser(uid, gid);
                return true;
            }
        }

        return false;
    }

    /// <returns>Null for a number that is nobody's.</returns>
    public static string? NameOf(int uid, string passwdFile = "/etc/passwd") =>
        (File.Exists(passwdFile) ? File.ReadLines(passwdFile) : [])
            .Select(line => line.Split(':'))
            .FirstOrDefault(fields => fields.Length >= 3 && TryNumber(fields[2], out var number) && number == uid)?[0];

    private static bool TryNumber(string text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
