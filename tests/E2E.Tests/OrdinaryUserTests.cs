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
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "root lends the user for this test");
        Assert.SkipUnless(Repository.IsOpenToOthers(), "another user cannot read this checkout: a folder above it is closed");
        foreach (var program in new[] { "runc", "newuidmap", "setpriv", "unshare", "curl" })
        {
            Clients.Need(program);
        }

        using var folder = new TemporaryFolder();
        await MakeUserAsync(folder);

        var result = await ChildProcess.RunAsync(
            new ChildSpec([
                "unshare", "--mount", "--propagation", "private", "--", "sh", "-c", AsUser, "as-user", folder.Path,
                ProgramPath.Find("dotnet")!, Home.Program, "bottle", "run", "dev", "--", "sh", "-c", "id -u; cut -d: -f1 /proc/net/dev | tail -n +3; curl -sS http://denied.example/"])
            {
                Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default, ["HOME"] = folder["home"], ["BELLJAR_HOME"] = folder["home/b"] },
                WorkingDirectory = "/",
            },
            new RunLimits { Timeout = TimeSpan.FromSeconds(60) },
            CancellationToken.None);

        Assert.True(result.Succeeded, result.ErrorText);
        var lines = result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("1000", lines[0]);
        Assert.Equal("lo", lines[1].Trim());
        Assert.Equal("denied.example", JsonDocument.Parse(lines[2]).RootElement.GetProperty("host").GetString());
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
