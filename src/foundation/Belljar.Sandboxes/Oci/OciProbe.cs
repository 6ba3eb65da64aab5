using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes.Oci;

/// <summary>Whether this machine can run the OCI backend.</summary>
internal static class OciProbe
{
    public static async Task<SandboxProbe> RunAsync(SandboxSettings settings, CancellationToken ct)
    {
        if (ProgramPath.Find(settings.Runtime) is not { } program)
        {
            return Unusable($"There is no OCI runtime '{settings.Runtime}': install the package runc (Debian: apt install runc).");
        }

        if (Libc.geteuid() != 0)
        {
            return Unusable(Rootless.Problem(Environment.UserName, Libc.geteuid())
                ?? "Making sandboxes without a daemon needs a user namespace of one's own: belljar's commands enter it by themselves.");
        }

        if (!File.ReadAllText("/proc/filesystems").Contains("\toverlay\n"))
        {
            return Unusable("The kernel has no overlay file system: load the module overlay.");
        }

        if (!Rootless.IsEntered && Blocking(settings.RunFolder) is { } folder)
        {
            return Unusable($"{folder} lets only its owner pass, and sandboxes run under numbers of their own: choose another run folder.");
        }

        var version = await ChildProcess.RunAsync(new ChildSpec(program, "--version"), RunLimits.Default, ct);
        return version.Succeeded
            ? new SandboxProbe(null, version.OutputText.Split('\n')[0], CgroupSupport.Detect().Warnings(new SandboxLimits(1, 1, 1)))
            : Unusable($"{program} does not run: {version.ErrorText.Trim()}");
    }

    private static SandboxProbe Unusable(string problem) => new(problem, null, []);

    private static string? Blocking(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (at.Exists && !at.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return at.FullName;
            }
        }

        return null;
    }
}
