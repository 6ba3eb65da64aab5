using Belljar.Sandboxes.Files;

namespace Belljar.Sandboxes.Privileges;

/// <summary>Whether a user may pass through a folder, by its mode (access control lists are not looked at: they only cost a mount more).</summary>
internal static class FolderAccess
{
    public static bool MaySearch(LocalUser user, string folder)
    {
        using var handle = HostFolder.Open(folder, pathOnly: true);
        var status = FileStatus.Of(handle);
        var needed = status.Uid == (uint)user.Uid ? UnixFileMode.UserExecute
            : status.Gid == (uint)user.Gid || user.Groups.Any(group => status.Gid == (uint)group) ? UnixFileMode.GroupExecute
            : UnixFileMode.OtherExecute;
        return status.Mode.HasFlag(needed);
    }

    /// <summary>The path without links, as realpath(3).</summary>
    public static string Real(string path)
    {
        var real = "/";
        var parts = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        for (var links = 0; parts.TryPop(out var part);)
        {
            if (part is "." or "..")
            {
                real = part == ".." ? Path.GetDirectoryName(real) ?? "/" : real;
                continue;
            }

            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > 40)
            {
                throw new IOException($"Too many links in {path}.");
            }

            real = target.StartsWith('/') ? "/" : real;
            foreach (var step in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                parts.Push(step);
            }
        }

        return real;
    }
}
