using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Privileges;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Oci;

/// <summary>The oci backend for a user who is not root: the same tests, run once more by such a user in a user namespace of his own.</summary>
public class RootlessTests
{
    private const int Uid = 61_123;
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    /// <summary>The user exists in the child's mount namespace only. Values arrive as positional parameters.</summary>
    private const string AsUser = """
        mount -n --bind -- "$1/passwd" /etc/passwd && mount -n --bind -- "$1/ids" /etc/subuid && mount -n --bind -- "$1/ids" /etc/subgid || exit 1
        shift
        exec setpriv --reuid=61123 --regid=61123 --clear-groups -- "$@"
        """;

    [Fact]
    public async Task Conformance_OfAUserWhoIsNotRoot()
    {
        Assert.SkipUnless(LeastPrivilege.IsRoot && !Rootless.IsEntered, "root lends the user for this test");
        Assert.SkipUnless(Repository.IsOpenToOthers(), "another user cannot read this checkout: a folder above it is closed");
        using var folder = new TemporaryFolder();
        Assert.SkipWhen(await ReasonAsync(folder) is { } reason, "no sandboxes for a user who is not root here");

        var result = await RunAsync(folder, AsUser, Rootless.InNewNamespace([.. Self(), "-namespace", "Belljar.Sandboxes.Tests.Oci", "-noLogo", "-noColor"]), TimeSpan.FromMinutes(5));

        var lines = result.OutputText.Split('\n');
        var failed = lines.Where(line => line.Contains("[FAIL]", StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine(result.OutputText);
        Assert.True(result.Succeeded, $"{string.Join('\n', failed)}\n{lines.LastOrDefault(line => line.Contains("Total:", StringComparison.Ordinal))}\n{result.ErrorText}");
        Assert.Contains(lines, line => line.Contains("Failed: 0", StringComparison.Ordinal));
    }

    /// <summary>Root and a user who is not, on a host that has something mounted below /usr.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HostRootfs_WithAMountBelowUsr(bool isRoot)
    {
        Assert.SkipUnless(LeastPrivilege.IsRoot && !Rootless.IsEntered, "root lends the user and the mount for this test");
        Assert.SkipUnless(Repository.IsOpenToOthers(), "another user cannot read this checkout: a folder above it is closed");
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["tmp"]);
        var reason = await ReasonAsync(folder);
        Assert.SkipWhen(!isRoot && reason is not null, "no sandboxes for a user who is not root here");
        const string Mounted = "mount -n -t tmpfs t /usr/share/doc && echo seen > '/usr/share/doc/mark of the host' || exit 1";
        string[] test = [.. Self(), "-explicit", "only", "-method", $"{typeof(MountsBelowUsrTests).FullName}.{nameof(MountsBelowUsrTests.WhatIsMountedBelowUsr_IsSeenInside_AndCannotBeWritten)}", "-noLogo", "-noColor"];

        var result = await RunAsync(folder, isRoot ? $"{Mounted}\nshift\nexec \"$@\"" : $"{Mounted}\n{AsUser}", isRoot ? test : Rootless.InNewNamespace(test), TimeSpan.FromMinutes(2));

        Assert.True(result.Succeeded, $"{result.OutputText}\n{result.ErrorText}");
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", result.OutputText, StringComparison.Ordinal);
    }

    [Fact]
    public void Problem_WithoutARange_NamesTheCommandThatGivesOne()
    {
        Assert.SkipUnless(ProgramPath.Find("newuidmap") is not null, "there is no newuidmap (apt install uidmap)");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["subuid"], "someone:100000:65536\nsmall:200000:1000\n");
        File.WriteAllText(folder["subgid"], "someone:100000:65536\nsmall:200000:1000\n");

        Assert.Contains("usermod --add-subuids", Rootless.Problem("nobody-here", 4242, folder.Path));
        Assert.Contains("usermod --add-subuids", Rootless.Problem("small", 4242, folder.Path));
        Assert.DoesNotContain("usermod", Rootless.Problem("someone", 4242, folder.Path) ?? "");
    }

    private static async Task<string?> ReasonAsync(TemporaryFolder folder)
    {
        if (Rootless.Problem("bj-user", Uid) is { } problem && !problem.Contains("subuid", StringComparison.Ordinal))
        {
            return problem;
        }

        await File.WriteAllTextAsync(folder["passwd"], $"root:x:0:0:root:/root:/bin/sh\nbj-user:x:{Uid}:{Uid}::/nonexistent:/bin/sh\n", Ct);
        await File.WriteAllTextAsync(folder["ids"], "bj-user:1900000000:65536\n", Ct);
        Directory.CreateDirectory(folder["tmp"]);
        await ChildProcess.RunAsync(new ChildSpec("chown", $"{Uid}:{Uid}", folder["tmp"]), RunLimits.Default, Ct);
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0x1ED);
        var tried = await RunAsync(folder, AsUser, Rootless.InNewNamespace([ProgramPath.Find("cat")!, "/proc/self/uid_map"]), TimeSpan.FromSeconds(20));
        return tried.Succeeded ? null : tried.ErrorText;
    }

    private static Task<RunResult> RunAsync(TemporaryFolder folder, string script, IReadOnlyList<string> command, TimeSpan timeout) => ChildProcess.RunAsync(
        new ChildSpec(["unshare", "--mount", "--propagation", "private", "--", "sh", "-c", script, "as-user", folder.Path, .. command])
        {
            Environment = new Dictionary<string, string>
            {
                ["PATH"] = ProgramPath.Default,
                ["HOME"] = folder["tmp"],
                ["TMPDIR"] = folder["tmp"],
                ["DOTNET_ROOT"] = Path.GetDirectoryName(Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../../x")))!,
            },
        },
        RunLimits.Default with { Timeout = timeout },
        Ct);

    private static IReadOnlyList<string> Self() => Path.GetFileName(Environment.ProcessPath) == "dotnet"
        ? [Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "Belljar.Sandboxes.Tests.dll")]
        : [Environment.ProcessPath!];
}
