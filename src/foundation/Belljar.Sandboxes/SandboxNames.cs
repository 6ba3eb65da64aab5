using System.Text.RegularExpressions;

namespace Belljar.Sandboxes;

/// <summary>What every backend checks of a new sandbox.</summary>
internal static partial class SandboxNames
{
    public static void Check(string name)
    {
        if (!ValidName().IsMatch(name))
        {
            throw new SandboxException($"'{name}' cannot name a sandbox: lower-case letters, digits and hyphens, at most 70.");
        }
    }

    /// <summary>Whether what the spec names is there, and its limits make sense.</summary>
    public static void CheckParts(SandboxSpec spec)
    {
        if (spec.Limits.DiskBytes < Oci.DiskImage.Smallest)
        {
            throw new SandboxException($"A disk of {spec.Limits.DiskBytes} bytes is too small: give it at least {Oci.DiskImage.Smallest}.");
        }

        if (spec.Rootfs is SandboxRootfs.Folder folder && !Directory.Exists(folder.Path))
        {
            throw new SandboxException($"There is no folder {folder.Path} to take the sandbox's files from.");
        }

        if (spec.Mounts.FirstOrDefault(mount => !Path.Exists(mount.HostPath)) is { } missing)
        {
            throw new SandboxException($"There is no {missing.HostPath} to mount.");
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,69}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ValidName();
}
