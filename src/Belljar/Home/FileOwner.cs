using Belljar.Sandboxes.Processes;

namespace Belljar.Home;

/// <summary>Who owns a file; .NET does not tell.</summary>
internal static class FileOwner
{
    /// <returns>The user's number; null when the file is not there.</returns>
    public static int? Of(string path)
    {
        var result = ChildProcess.RunAsync(new ChildSpec("stat", "-c", "%u", "--", path), RunLimits.Default, CancellationToken.None).GetAwaiter().GetResult();
        return result.Succeeded && int.TryParse(result.OutputText.Trim(), out var uid) ? uid : null;
    }
}
