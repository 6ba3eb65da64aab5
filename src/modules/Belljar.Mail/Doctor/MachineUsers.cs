using System.Globalization;

namespace Belljar.Mail.Doctor;

/// <summary>The users that this machine knows, by number.</summary>
internal sealed class MachineUsers(IReadOnlyDictionary<int, string> names)
{
    private const string Passwd = "/etc/passwd";

    public string? Find(int user) => names.GetValueOrDefault(user);

    public static MachineUsers OfSystem() => Read(File.Exists(Passwd) ? File.ReadLines(Passwd) : []);

    /// <param name="lines">As passwd(5) has them; others are passed over.</param>
    public static MachineUsers Read(IEnumerable<string> lines)
    {
        var names = new Dictionary<int, string>();
        foreach (var fields in lines.Select(line => line.Split(':')))
        {
            if (fields.Length >= 3 && int.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var user))
            {
                names.TryAdd(user, fields[0]);
            }
        }

        return new MachineUsers(names);
    }
}
