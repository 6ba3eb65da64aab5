using System.Security.Cryptography;
using System.Text;
using Belljar.Hosting;
using Belljar.Sandboxes;
using Belljar.Sandboxes.Images;
using Belljar.Sandboxes.Isolation;

namespace Belljar.Sessions;

/// <summary>Where this home's sandboxes are made.</summary>
internal static class SandboxSource
{
    public static ISandboxBackend Open(BelljarPaths paths)
    {
        var settings = Settings(paths);
        return SandboxBackends.All["oci"].Open(Rootless.IsEntered ? settings with { RunFolder = RunFolderOf(paths) } : settings);
    }

    /// <summary>The folder of an image by its name.</summary>
    /// <exception cref="OperatorException">There is none.</exception>
    public static string TreeOf(string image, BelljarPaths paths)
    {
        try
        {
            return new ImageStore(Settings(paths)).Find(image).Rootfs;
        }
        catch (SandboxException missing)
        {
            throw new OperatorException(missing.Message);
        }
    }

    /// <exception cref="OperatorException">This user lacks what sandboxes need; the message says what to install or to run.</exception>
    public static void CheckUser()
    {
        if (Rootless.IsNeeded && Rootless.Problem(Environment.UserName, (uint)Contracts.Wire.PeerCredentials.OwnUid) is { } problem)
        {
            throw new OperatorException(problem);
        }
    }

    private static SandboxSettings Settings(BelljarPaths paths) => new()
    {
        StateFolder = Path.Combine(paths.State, "sandboxes"),
        ImageFolder = Path.Combine(paths.State, "images"),
    };

    /// <summary>Users of the inside must be able to pass through it, and a user's own folders are closed to them.</summary>
    private static string RunFolderOf(BelljarPaths paths)
    {
        var home = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(paths.Home)))[..12];
        return Path.Combine(Path.GetTempPath(), $"belljar-{home}");
    }
}
