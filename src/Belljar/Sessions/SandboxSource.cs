using System.Security.Cryptography;
using System.Text;
using Belljar.Hosting;
using Belljar.Sandboxes;
using Belljar.Sandboxes.Isolation;

namespace Belljar.Sessions;

/// <summary>Where this home's sandboxes are made.</summary>
internal static class SandboxSource
{
    public static ISandboxBackend Open(BelljarPaths paths)
    {
        var settings = new SandboxSettings { StateFolder = Path.Combine(paths.State, "sandboxes") };
        return SandboxBackends.All["oci"].Open(Rootless.IsEntered ? settings with { RunFolder = RunFolderOf(paths) } : settings);
    }

    /// <exception cref="OperatorException">This user lacks what sandboxes need; the message says what to install or to run.</exception>
    public static void CheckUser()
    {
        if (Rootless.IsNeeded && Rootless.Problem(Environment.UserName, (uint)Contracts.Wire.PeerCredentials.OwnUid) is { } problem)
        {
            throw new OperatorException(problem);
        }
    }

    /// <summary>Users of the inside must be able to pass through it, and a user's own folders are closed to them.</summary>
    private static string RunFolderOf(BelljarPaths paths)
    {
        var home = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(paths.Home)))[..12];
        return Path.Combine(Path.GetTempPath(), $"belljar-{home}");
    }
}
