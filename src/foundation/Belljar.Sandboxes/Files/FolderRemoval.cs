using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes.Files;

/// <summary>Removes and copies whole folders with the system's tools, which walk by descriptors: names nested deeper than a path can be long are the inside's to make.</summary>
internal static class FolderRemoval
{
    private static readonly RunLimits Limits = RunLimits.Default with { Timeout = TimeSpan.FromMinutes(10) };

    public static string Command(string folder) => $"rm -rf --one-file-system -- {folder}";

    public static async Task RemoveAsync(string folder, CancellationToken ct)
    {
        var removed = await ChildProcess.RunAsync(new ChildSpec("rm", "-rf", "--one-file-system", "--", folder), Limits, ct);
        if (!removed.Succeeded)
        {
            throw new SandboxException($"Cannot remove {folder}: {removed.ErrorText.Split('\n')[0].Trim()}");
        }
    }

    /// <summary>A copy with owners, modes, times, attributes and device numbers (an overlay's marks), sharing blocks where the file system can.</summary>
    public static async Task CopyAsync(string folder, string copy, CancellationToken ct)
    {
        var copied = await ChildProcess.RunAsync(new ChildSpec("cp", "-a", "--reflink=auto", "--", folder, copy), Limits, ct);
        if (!copied.Succeeded)
        {
            throw new SandboxException($"Cannot copy {folder}: {copied.ErrorText.Split('\n')[0].Trim()}");
        }
    }
}
