using System.Globalization;
using System.Runtime.InteropServices;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Hooks;

/// <summary>
/// What is really started for a hook: its program behind <c>prlimit</c> (util-linux), which sets the limits and becomes the
/// program, and for an owner who is not us behind <c>setpriv</c>, which drops ids and groups first.
/// </summary>
internal static class HookCommand
{
    private const string Limits = "/usr/bin/prlimit";
    private const string Privileges = "/usr/bin/setpriv";
    private const long LargestFile = 1L << 30;
    private const long MostData = 4L << 30;
    private const int MostDescriptors = 1024;

    /// <returns>Null where it cannot be started as it must be; <paramref name="trouble"/> says why.</returns>
    public static IReadOnlyList<string>? Of(IReadOnlyList<string> command, TimeSpan timeout, string? owner, out string trouble)
    {
        trouble = !File.Exists(command[0]) ? $"there is no program {command[0]}"
            : !File.Exists(Limits) ? $"{Limits} is missing (package util-linux), and without limits no hook is run"
            : "";
        if (trouble.Length > 0)
        {
            return null;
        }

        // Processor time: each of its processes may be busy for as long as the whole may last.
        var seconds = (long)Math.Ceiling(timeout.TotalSeconds) + 5;
        IReadOnlyList<string> limited = [Limits, "--core=0", Limit("fsize", LargestFile), Limit("data", MostData), Limit("nofile", MostDescriptors), Limit("cpu", seconds), .. command];
        return owner is null ? limited : AsOwner(limited, owner, out trouble);
    }

    private static IReadOnlyList<string>? AsOwner(IReadOnlyList<string> command, string owner, out string trouble)
    {
        trouble = "";
        if (!UserNames.TryFind(owner, out var user))
        {
            trouble = $"there is no user {owner} on this machine";
            return null;
        }

        var own = GetEffectiveUser();
        if (user.Uid == own)
        {
            return command;
        }

        if (own != 0 || !File.Exists(Privileges))
        {
            trouble = $"it would have to run as {owner}, and this worker may not become another user";
            return null;
        }

        return [Privileges, $"--reuid={user.Uid}", $"--regid={user.Gid}", "--clear-groups", "--inh-caps=-all", "--", .. command];
    }

    private static string Limit(string name, long value) => string.Create(CultureInfo.InvariantCulture, $"--{name}={value}");

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint GetEffectiveUser();
}
