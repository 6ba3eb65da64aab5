using System.Text;
using Belljar.Sandboxes.Processes;

namespace Belljar.Mail.Tests.EndToEnd;

/// <summary>Programs that somebody else wrote.</summary>
internal static class Tools
{
    private const string SearchPath = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

    public static void SkipWithout(string program) => Assert.SkipUnless(
        SearchPath.Split(':').Any(folder => File.Exists(Path.Combine(folder, program))), $"{program} is not installed");

    public static async Task<bool> HasPerlTlsAsync() => (await RunAsync([], "/usr/bin/perl", "-MNet::SSLeay", "-e", "1")).Succeeded;

    public static Task<RunResult> PythonAsync(string script)
    {
        SkipWithout("python3");
        return RunAsync(Encoding.UTF8.GetBytes(script), "python3", "-");
    }

    public static Task<RunResult> RunAsync(byte[] input, params string[] command) => ChildProcess.RunAsync(
        new ChildSpec(command) { Environment = new Dictionary<string, string> { ["PATH"] = SearchPath, ["PYTHONUTF8"] = "1" }, WorkingDirectory = "/" },
        new RunLimits { Timeout = TimeSpan.FromSeconds(60), Input = input },
        CancellationToken.None);
}
