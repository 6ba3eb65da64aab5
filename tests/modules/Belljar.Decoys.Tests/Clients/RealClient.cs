using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Belljar.Decoys.Tests.Clients;

/// <summary>A program that other people wrote.</summary>
internal static class RealClient
{
    /// <returns>What it wrote, to both of its outputs.</returns>
    [SuppressMessage("ApiDesign", "RS0030", Justification = "A real client is the point of the test.")]
    public static async Task<string> RunAsync(string program, string package, string input, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists($"/usr/bin/{program}"), $"{program} is not installed (package {package})");
        var start = new ProcessStartInfo($"/usr/bin/{program}", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["HOME"] = Path.GetTempPath();
        using var client = Process.Start(start)!;
        await client.StandardInput.WriteAsync(input);
        client.StandardInput.Close();
        var texts = await Task.WhenAll(
            client.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), client.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await client.WaitForExitAsync(TestContext.Current.CancellationToken);
        return string.Concat(texts);
    }
}
