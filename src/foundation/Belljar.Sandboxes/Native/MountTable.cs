using System.Text;

namespace Belljar.Sandboxes.Native;

/// <summary>What is mounted where, as the calling thread's mount namespace has it (proc(5), <c>mountinfo</c>).</summary>
internal static class MountTable
{
    private const int MountPointField = 4;

    /// <summary>The places below a folder on which something is mounted, outermost only.</summary>
    public static IReadOnlyList<string> Below(string folder) => Below(folder, File.ReadLines("/proc/thread-self/mountinfo"));

    internal static IReadOnlyList<string> Below(string folder, IEnumerable<string> lines)
    {
        var places = lines.Select(MountPoint).Where(place => place.StartsWith($"{folder}/", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal).ToList();
        return [.. places.Where(place => !places.Exists(outer => place.StartsWith($"{outer}/", StringComparison.Ordinal)))];
    }

    /// <summary>Spaces and their like are written as a backslash and three octal digits.</summary>
    private static string MountPoint(string line)
    {
        var field = line.Split(' ')[MountPointField];
        if (!field.Contains('\\'))
        {
            return field;
        }

        var text = new StringBuilder();
        for (var at = 0; at < field.Length; at++)
        {
            if (field[at] == '\\')
            {
                text.Append((char)Convert.ToInt32(field.Substring(at + 1, 3), 8));
                at += 3;
            }
            else
            {
                text.Append(field[at]);
            }
        }

        return text.ToString();
    }
}
