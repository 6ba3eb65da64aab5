using System.Text.Json;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace E2E.Tests;

/// <summary>The same program for somebody who is not root: nothing is installed for him but the package uidmap.</summary>
public class OrdinaryUserTests
{
    private const int Uid = 61_124;

    /// <summary>The user exists in this child's mount namespace only. Values arrive as positional parameters.</summary>
    private const string AsUser = """
        mount -n --bind -- "$1/passwd" /etc/passwd && mount -n --bind -- "$1/ids" /etc/subuid && mount -n --bind -- "$1/ids" /etc/subgid || exit 1
        shift
        exec setpriv --reuid=61124 --regid=61124 --clear-groups -- "$@"
        """;

    [Fact]
    public async Task Bottle_OfAUserWhoIsNotRoot_HasTheSameWalls()
    {
        using var folder = await UserAsync();

        var result = await RunAsync(folder, "bottle", "run", "dev", "--", "sh", "-c", "id -u; cut -d: -f1 /proc/net/dev | tail -n +3; curl -sS http://denied.example/");
        EndHolder(folder);

        Assert.True(result.Succeeded, result.ErrorText);
        var lines = result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("1000", lines[0]);
        Assert.Equal("lo", lines[1].Trim());
        Assert.Equal("denied.example", JsonDocument.Parse(lines[2]).RootElement.GetProperty("host").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // The process that keeps the user's namespace is killed too.
    public async Task Cleanup_OfAUserWhoIsNotRoot_RemovesWhatAKilledSupervisorLeft(bool alsoTheHolder)
    {
        using var folder = await UserAsync();
        var seconds = $"{Random.Shared.Next(100_000, 999_999)}";
        await using var run = ChildProcess.Start(Spec(folder, "bottle", "run", "dev", "--", "sh", "-c", $"sleep {seconds} & wait"));
        for (var started = TimeProvider.System.GetTimestamp(); Processes($"sleep\0{seconds}").Count == 0;)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), "the command does not run");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }


        foreach (var supervisor in Processes($"{Home.Program}\0session\0").Where(pid => File.ReadAllText($"/proc/{pid}/environ").Contains(folder.Path, StringComparison.Ordinal)))
        {
            Kill(supervisor);
        }

        if (alsoTheHolder)
        {
            EndHolder(folder);
        }

        await run.Exited.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.NotEmpty(Processes($"sleep\0{seconds}")); // Control: it was left behind.

        var cleanup = await RunAsync(folder, "bottle", "cleanup", "-y");
        var again = await RunAsync(folder, "bottle", "cleanup", "-y");
        EndHolder(folder);

        Assert.True(cleanup.Succeeded, cleanup.ErrorText);
        Assert.Contains("removed dev-", cleanup.OutputText);
        Assert.Contains("nothing was left behind", again.OutputText);
        Assert.Empty(Processes($"sleep\0{seconds}"));
        Assert.DoesNotContain(Directory.EnumerateDirectories(folder["home/b/state/sandboxes"]), path => Path.GetFileName(path).StartsWith("dev-", StringComparison.Ordinal));
    }

    private static async Task<TemporaryFolder> UserAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "root lends the user for this test");
        Assert.SkipUnless(Repository.IsOpenToOthers(), "another user cannot read this checkout: a folder above it is closed");
        foreach (var program in new[] { "runc", "newuidmap", "setpriv", "unshare", "nsenter", "curl" })
        {
            Clients.Need(program);
        }

        var folder = new TemporaryFolder();
        await MakeUserAsync(folder);
        return folder;
    }

    private static Task<RunResult> RunAsync(TemporaryFolder folder, params string[] arguments) =>
        ChildProcess.RunAsync(Spec(folder, arguments), new RunLimits { Timeout = TimeSpan.FromSeconds(60) }, CancellationToken.None);

    private static ChildSpec Spec(TemporaryFolder folder, params string[] arguments) => new([
        "unshare", "--mount", "--propagation", "private", "--", "sh", "-c", AsUser, "as-user", folder.Path,
        ProgramPath.Find("dotnet")!, Home.Program, .. arguments])
    {
        Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default, ["HOME"] = folder["home"], ["BELLJAR_HOME"] = folder["home/b"] },
        WorkingDirectory = "/",
    };

    private static List<int> Processes(string command) =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[6])).Where(path =>
        {
            try
            {
                return File.ReadAllText($"{path}/cmdline").Contains(command, StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false; // Ended meanwhile.
            }
        }).Select(path => int.Parse(Path.GetFileName(path))),
    ];

    /// <summary>The process that keeps the user's namespace lives as long as the machine; a test's does not.</summary>
    private static void EndHolder(TemporaryFolder folder) => Kill(int.Parse(File.ReadAllText(folder["home/b/state/user-namespace"]).Split(' ')[0]));

    private static void Kill(int pid)
    {
        using var process = System.Diagnostics.Process.GetProcessById(pid);
        process.Kill();
    }

    private static async Task MakeUserAsync(TemporaryFolder folder)
    {
        await File.WriteAllTextAsync(folder["passwd"], $"root:x:0:0:root:/root:/bin/sh\nbj-user:x:{Uid}:{Uid}::{folder["home"]}:/bin/sh\n");
        await File.WriteAllTextAsync(folder["ids"], "bj-user:1910000000:65536\n");
        Directory.CreateDirectory(folder["home/b/bottles"]);
        await File.WriteAllTextAsync(folder["home/b/bottles/dev.md"], "---\negress:\n  routes: []\n---\n");
        Assert.True((await Clients.RunAsync("chmod", "755", folder.Path)).Succeeded);
        Assert.True((await Clients.RunAsync("chown", "-R", $"{Uid}:{Uid}", folder["home"])).Succeeded);
    }
}
