using System.Globalization;
using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes.Isolation;

/// <summary>
/// Sandboxes for a user who is not root: belljar itself is started again as root of a user namespace that holds the user
/// (as 0) and the range of numbers that /etc/subuid gives him. In there all works as for root, within what is his.
/// </summary>
public static class Rootless
{
    /// <summary>Numbers for sandboxes in that namespace: 1 to 65,535. All sandboxes of one user share them.</summary>
    internal const uint FirstId = 1;

    internal const int Ids = 65_535;

    private const int LockAlone = 2;

    private static readonly Lazy<bool> Entered = new(() => Libc.geteuid() == 0 && !MapIsWhole(File.ReadAllText("/proc/self/uid_map")));

    /// <summary>Whether this process runs in such a namespace.</summary>
    public static bool IsEntered => Entered.Value;

    /// <summary>Whether a process of this user has to be started again to make sandboxes without a daemon.</summary>
    public static bool IsNeeded => Libc.geteuid() != 0;

    /// <summary>The number of this process's user.</summary>
    public static uint UserId => Libc.geteuid();

    /// <returns>What is missing for it, with the remedy; null when nothing is.</returns>
    public static string? Problem(string user, uint uid, string folder = "/etc")
    {
        if (ProgramPath.Find("newuidmap") is null || ProgramPath.Find("newgidmap") is null)
        {
            return "Sandboxes of a user who is not root need newuidmap: install the package uidmap (Debian: apt install uidmap).";
        }

        if (ProgramPath.Find("unshare") is null || ProgramPath.Find("nsenter") is null)
        {
            return "Sandboxes of a user who is not root need unshare and nsenter: install the package util-linux, 2.38 or later.";
        }

        foreach (var file in new[] { "subuid", "subgid" })
        {
            if (RangeOf(Path.Combine(folder, file), user, uid) < Ids + 1)
            {
                return $"{folder}/{file} gives {user} no range of 65536 numbers: as root, usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}.";
            }
        }

        return File.Exists("/proc/sys/kernel/unprivileged_userns_clone") && File.ReadAllText("/proc/sys/kernel/unprivileged_userns_clone").Trim() == "0"
            ? "This kernel gives user namespaces to root only: as root, sysctl kernel.unprivileged_userns_clone=1."
            : null;
    }

    /// <summary>
    /// The argument array that runs a command in the user's namespace, standard streams, descriptors and environment kept.
    /// All processes of one folder share one namespace: another would have no say over the sandboxes of the first. A
    /// process that only waits keeps it; the first caller starts that.
    /// </summary>
    /// <param name="folder">The user's own; the process that waits is noted there.</param>
    /// <exception cref="SandboxException">The namespace cannot be made, with the system's own words.</exception>
    public static async Task<IReadOnlyList<string>> EnteringAsync(string folder, IReadOnlyList<string> command, CancellationToken ct)
    {
        Directory.CreateDirectory(folder, (UnixFileMode)0x1C0);
        var note = Path.Combine(folder, "user-namespace");
        using var alone = File.OpenHandle($"{note}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        await Task.Run(() => Libc.flock(alone, LockAlone), ct); // Two who come first at once would make two. Let go with the descriptor.
        var holder = UserNamespaceHolder.Read(note) ?? await UserNamespaceHolder.StartAsync(folder, note, ct);
        return [ProgramPath.Find("nsenter") ?? throw new ProgramNotFoundException("nsenter"), "--preserve-credentials", "--user", "--target", holder.Pid.ToString(CultureInfo.InvariantCulture), "--", .. command];
    }

    /// <summary>The argument array that runs a command in a new namespace, which ends with it.</summary>
    internal static IReadOnlyList<string> InNewNamespace(IReadOnlyList<string> command) =>
        [ProgramPath.Find("unshare") ?? throw new ProgramNotFoundException("unshare"), "--user", "--map-root-user", "--map-auto", "--", .. command];

    internal static bool MapIsWhole(string map) => map.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is ["0", "0", "4294967295", ..];

    private static long RangeOf(string file, string user, uint uid) => File.Exists(file)
        ? File.ReadLines(file)
            .Select(line => line.Split(':'))
            .Where(parts => parts.Length == 3 && (parts[0] == user || parts[0] == uid.ToString(System.Globalization.CultureInfo.InvariantCulture)))
            .Select(parts => long.TryParse(parts[2], out var count) ? count : 0)
            .DefaultIfEmpty(0)
            .Max()
        : 0;
}
