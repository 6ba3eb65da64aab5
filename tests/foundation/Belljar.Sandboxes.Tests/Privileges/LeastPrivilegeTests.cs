using Belljar.Sandboxes.Privileges;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Privileges;

public class LeastPrivilegeTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private static readonly LocalUser Nameless = new(61_941, 61_942);

    [Fact]
    public async Task Wrap_RunsAsTheUserWithoutCapabilitiesOrAWayToGainThem()
    {
        RequireRoot();

        var status = await RunAsync(new LeastPrivilege(Nameless, []), "/bin/cat", "/proc/self/status");

        Assert.Contains("Uid:\t61941\t61941\t61941\t61941", status.OutputText);
        Assert.Contains("Gid:\t61942\t61942\t61942\t61942", status.OutputText);
        Assert.Matches("Groups:\\s*\n", status.OutputText);
        Assert.Equal(5, status.OutputText.Split('\n').Count(line => line.StartsWith("Cap", StringComparison.Ordinal) && line.EndsWith("\t0000000000000000", StringComparison.Ordinal)));
        Assert.Contains("NoNewPrivs:\t1", status.OutputText);
    }

    [Fact]
    public async Task Wrap_WithACapability_KeepsThatOne()
    {
        RequireRoot();

        var status = await RunAsync(new LeastPrivilege(Nameless, [], "net_bind_service"), "/bin/grep", "Cap", "/proc/self/status");

        Assert.Contains("CapEff:\t0000000000000400", status.OutputText);
        Assert.Contains("CapBnd:\t0000000000000400", status.OutputText);
    }

    [Fact]
    public async Task Wrap_BelowAClosedFolder_ShowsThePathsAndNothingElse()
    {
        RequireRoot();
        using var folder = new TemporaryFolder(); // Mode 0700: in the way.
        Directory.CreateDirectory(folder["it's program"]);
        await File.WriteAllTextAsync(folder["it's program/data"], "reached", Ct);
        await File.WriteAllTextAsync(folder["single"], "file", Ct);
        await File.WriteAllTextAsync(folder["other"], "hidden", Ct);

        var privilege = new LeastPrivilege(Nameless, [folder["it's program"], folder["single"]]);
        var seen = await RunAsync(privilege, "/bin/sh", "-c", "cat \"$1/it's program/data\" \"$1/single\"; ls \"$1\"; ls /mnt | wc -l", "x", folder.Path);

        Assert.Equal($"reachedfileit's program\nsingle\n{Directory.GetFileSystemEntries("/mnt").Length}\n", seen.OutputText);
        Assert.Equal("", seen.ErrorText);
    }

    [Fact]
    public async Task Wrap_ControlWithoutTheView_CannotReach()
    {
        RequireRoot();
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["data"], "reached", Ct);

        var seen = await RunAsync(new LeastPrivilege(Nameless, []), "/bin/cat", folder["data"]);

        Assert.Contains("Permission denied", seen.ErrorText);
    }

    [Fact]
    public async Task Wrap_KeepsStandardStreamsDescriptorsAndEnvironment()
    {
        RequireRoot();
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["p"]);
        await File.WriteAllTextAsync(folder["given"], "descriptor", Ct);
        using var given = File.OpenHandle(folder["given"]);
        var spec = new LeastPrivilege(Nameless, [folder["p"]]).Wrap(new ChildSpec("/bin/sh", "-c", "cat; cat <&7; echo $A; exit 9")
        {
            Environment = new Dictionary<string, string> { ["A"] = "b c" },
            Descriptors = new Dictionary<int, System.Runtime.InteropServices.SafeHandle> { [7] = given },
        });

        var result = await ChildProcess.RunAsync(spec, RunLimits.Default with { Input = "input "u8.ToArray() }, Ct);

        Assert.Equal("input descriptorb c\n", result.OutputText);
        Assert.Equal(9, result.ExitCode);
    }

    [Fact]
    public void Wrap_WithNothingInTheWay_NeedsNoMountNamespace()
    {
        Assert.EndsWith("setpriv", new LeastPrivilege(Nameless, ["/usr/bin"]).Wrap(["/bin/true"])[0]);
    }

    [Fact]
    public void GateUid_TakenTwice_IsTwoNumbers_AndComesBack()
    {
        using var folder = new TemporaryFolder();
        using var first = GateUid.Take(folder["uids"]);
        var second = GateUid.Take(folder["uids"]);
        Assert.Equal((62_000, 62_001), (first.Uid, second.Uid));
        second.Dispose();

        using var third = GateUid.Take(folder["uids"]);

        Assert.Equal(62_001, third.Uid);
    }

    [Fact]
    public async Task ServiceUser_OfThePasswdFile_IsFoundElseTheDefault()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["passwd"], "root:x:0:0::/root:/bin/sh\nbelljar:x:812:813::/nonexistent:/bin/false\n", Ct);
        await File.WriteAllTextAsync(folder["without"], "root:x:0:0::/root:/bin/sh\n", Ct);

        Assert.Equal((812, 813), (ServiceUser.Find(folder["passwd"]).Uid, ServiceUser.Find(folder["passwd"]).Gid));
        Assert.Equal(ServiceUser.DefaultUid, ServiceUser.Find(folder["without"]).Uid);
    }

    private static Task<RunResult> RunAsync(LeastPrivilege privilege, params string[] command) =>
        ChildProcess.RunAsync(privilege.Wrap(new ChildSpec(command)), RunLimits.Default, Ct);

    private static void RequireRoot() => Assert.SkipUnless(LeastPrivilege.IsRoot, "giving up privileges needs root to begin with");
}
