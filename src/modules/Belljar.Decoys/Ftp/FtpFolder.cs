using System.Globalization;
using System.Text;
using Belljar.Decoys.World;

namespace Belljar.Decoys.Ftp;

/// <summary>Where a visitor stands in a tree that he can only read.</summary>
internal sealed class FtpFolder(IReadOnlyDictionary<string, DecoyFile> files, string start)
{
    private const int MostSegments = 64;
    private static readonly TimeSpan HalfAYear = TimeSpan.FromDays(182);

    private readonly string _home = start;

    public string Current { get; private set; } = start;

    public bool TryEnter(string path)
    {
        if (path.Length == 0 || Find(path) is not { Content: null } folder)
        {
            return false;
        }

        Current = folder.Path;
        return true;
    }

    public DecoyFile? Find(string path) => files.GetValueOrDefault(Resolve(path));

    /// <param name="argument">Options as of ls, and a path; both may be missing.</param>
    public string List(string argument, bool isLong, DateTimeOffset now)
    {
        var path = string.Join(' ', argument.Split(' ').SkipWhile(word => word.StartsWith('-')));
        var target = path.Length == 0 ? files[Current] : Find(path);
        IEnumerable<DecoyFile> shown = target switch
        {
            null => [],
            { Content: not null } => [target],
            _ => files.Values.Where(file => file.Folder == target.Path && file.Path != target.Path).OrderBy(file => file.Name, StringComparer.Ordinal),
        };
        return string.Concat(shown.Select(file => isLong ? Row(file, now) : file.Name + "\r\n"));
    }

    private string Row(DecoyFile file, DateTimeOffset now)
    {
        var owner = file.Path.StartsWith(_home, StringComparison.Ordinal) ? "1000" : "0";
        var date = file.Modified.ToString(now - file.Modified < HalfAYear ? "MMM dd HH:mm" : "MMM dd  yyyy", CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(file.Content is null ? "drwxr-xr-x    2" : "-rw-r--r--    1")} {owner,-8} {owner,-8} {file.Content?.Length ?? 4096,8} {date} {file.Name}\r\n");
    }

    private string Resolve(string path)
    {
        var segments = new List<string>();
        foreach (var segment in (path.StartsWith('/') ? path : $"{Current}/{path}").Split('/').Take(MostSegments))
        {
            if (segment is "..")
            {
                segments.RemoveRange(Math.Max(segments.Count - 1, 0), Math.Min(segments.Count, 1));
            }
            else if (segment is not ("" or "."))
            {
                segments.Add(segment);
            }
        }

        return new StringBuilder("/").AppendJoin('/', segments).ToString();
    }
}
