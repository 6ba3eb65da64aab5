using System.Globalization;
using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes.Privileges;

/// <summary>
/// Starts a program of our own without privileges when we are root: another user, no capability (or a few ambient ones), no
/// way to gain any; and where folders are in the way of paths that it needs, with a view of its own in which nothing else
/// of those folders exists.
/// </summary>
/// <param name="User">As whom.</param>
/// <param name="Paths">What the user must reach: the program's folder, the home. Existing; links are resolved and must not be in the way themselves.</param>
/// <param name="Capabilities">What it keeps, by setpriv's names: <c>net_bind_service</c>.</param>
public sealed record LeastPrivilege(LocalUser User, IReadOnlyList<string> Paths, params IReadOnlyList<string> Capabilities)
{
    // Every value arrives as a positional parameter. The covers are put together on the stage and then moved to their
    // places, so that the sources can still be seen meanwhile.
    private const string Script = """
        set -eu
        stage=$1
        shift
        while [ "$1" != -- ]; do
          case $1 in
            cover) mount -n -t tmpfs -o mode=0755,nosuid,nodev,size=64k,nr_inodes=512 tmpfs "$stage" ;;
            folder) mkdir -p -- "$stage$3" && mount -n --rbind -- "$2" "$stage$3" ;;
            file) mkdir -p -- "$(dirname -- "$stage$3")" && : > "$stage$3" && mount -n --bind -- "$2" "$stage$3" ;;
            place) mount -n -o remount,ro "$stage" && mount -n --move -- "$stage" "$2" ;;
          esac
          shift 3
        done
        shift
        exec "$@"
        """;

    /// <summary>The argument array that runs a command this way; the command's first element is an absolute path.</summary>
    /// <exception cref="ProgramNotFoundException">setpriv or unshare (util-linux) is missing.</exception>
    public IReadOnlyList<string> Wrap(IReadOnlyList<string> command)
    {
        var view = PathView.Plan(Paths.Select(FolderAccess.Real), folder => FolderAccess.MaySearch(User, folder));
        return [.. ViewPrefix(view), .. SetPriv(), "--", .. command];
    }

    /// <summary>The same child, without privileges. Standard streams and descriptors stay.</summary>
    public ChildSpec Wrap(ChildSpec spec) => spec with { Command = Wrap(spec.Command) };

    /// <summary>Becomes the command: does not return.</summary>
    public void Exec(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment) =>
        ProcessReplacement.Exec(Wrap(command), environment);

    /// <summary>Whether this process may do so at all.</summary>
    public static bool IsRoot => Libc.geteuid() == 0;

    /// <summary>The part of the argument array that makes the view; empty when nothing is in the way.</summary>
    internal static IReadOnlyList<string> ViewPrefix(PathView view)
    {
        if (!view.IsNeeded)
        {
            return [];
        }

        List<string> arguments =
            [Find("unshare"), "--mount", "--propagation", "private", "--", "/bin/sh", "-c", Script, "belljar-view", view.Stage];
        foreach (var cover in view.Covers)
        {
            arguments.AddRange(["cover", "", ""]);
            foreach (var path in cover.Paths)
            {
                arguments.AddRange([Directory.Exists(path) ? "folder" : "file", path, path[cover.Folder.Length..]]);
            }

            arguments.AddRange(["place", cover.Folder, ""]);
        }

        return [.. arguments, "--"];
    }

    internal IReadOnlyList<string> SetPriv()
    {
        var kept = string.Concat(Capabilities.Select(name => $",+{name}"));
        return
        [
            Find("setpriv"),
            $"--reuid={Text(User.Uid)}",
            $"--regid={Text(User.Gid)}",
            User.Groups.Count == 0 ? "--clear-groups" : "--groups=" + string.Join(',', User.Groups.Select(Text)),
            $"--inh-caps=-all{kept}",
            $"--ambient-caps=-all{kept}",
            $"--bounding-set=-all{kept}",
            "--no-new-privs",
        ];
    }

    private static string Find(string program) => ProgramPath.Find(program) ?? throw new ProgramNotFoundException(program);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
