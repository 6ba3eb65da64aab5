using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes.Tests.Oci;

public class LifecycleTests(OciFixture oci) : IClassFixture<OciFixture>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_Start_Stop_Start_KeepsTheFilesAndDeleteTakesAll()
    {
        var sandbox = await oci.CreateAsync(new SandboxSpec { Name = "life" });
        Assert.Equal(SandboxState.Stopped, await sandbox.GetStateAsync(Ct));
        await sandbox.StartAsync(Ct);
        Assert.Equal(SandboxState.Running, await sandbox.GetStateAsync(Ct));
        Assert.Equal(0, (await OciFixture.RunAsync(sandbox, "sh", "-c", "echo kept > ~/note")).ExitCode);
        await sandbox.StopAsync(Ct);
        Assert.Equal(SandboxState.Stopped, await sandbox.GetStateAsync(Ct));
        await sandbox.StartAsync(Ct);
        Assert.Equal("kept\n", (await OciFixture.RunAsync(sandbox, "cat", "note")).OutputText);

        await sandbox.DeleteAsync(Ct);

        Assert.Null(await oci.Backend.FindAsync("life", Ct));
        Assert.Empty(Directory.GetDirectories("/sys/fs/cgroup", "life", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 }));
        Assert.DoesNotContain("life", string.Join(' ', Directory.GetFileSystemEntries(oci.Settings.RunFolder, "*", SearchOption.AllDirectories)));
        Assert.DoesNotContain(oci.Settings.StateFolder, await File.ReadAllTextAsync("/proc/self/mountinfo", Ct));
    }

    [Fact]
    public async Task List_ByAnotherBackendObject_FindsAndDeletesWhatAnOwnerLeft()
    {
        var orphan = await oci.CreateAsync(new SandboxSpec { Name = "orphan" });
        await orphan.StartAsync(Ct);

        var found = await oci.Backend.FindAsync("orphan", Ct);

        Assert.NotNull(found);
        Assert.Equal(SandboxState.Running, await found.GetStateAsync(Ct));
        await found.DeleteAsync(Ct);
        Assert.Equal(SandboxState.Stopped, await orphan.GetStateAsync(Ct));
    }

    [Fact]
    public async Task Create_OfATakenName_IsRefused()
    {
        var first = await oci.CreateAsync(new SandboxSpec { Name = "twice" });

        var refusal = await Assert.ThrowsAsync<SandboxException>(() => oci.CreateAsync(new SandboxSpec { Name = "twice" }));

        Assert.Contains("'twice' already", refusal.Message);
        await first.DeleteAsync(Ct);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../up")]
    [InlineData("Up")]
    [InlineData("a/b")]
    public async Task Create_OfABadName_IsRefused(string name) =>
        await Assert.ThrowsAsync<SandboxException>(() => oci.CreateAsync(new SandboxSpec { Name = name }));

    [Fact]
    public async Task Exec_InAStoppedSandbox_Throws()
    {
        var sandbox = await oci.CreateAsync(new SandboxSpec { Name = "still" });

        await Assert.ThrowsAsync<SandboxException>(() => sandbox.ExecAsync(new ExecSpec("true"), Ct));

        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Pause_Freezes_AndStopWorksAllTheSame()
    {
        var sandbox = await oci.CreateAsync(new SandboxSpec { Name = "ice" });
        await sandbox.StartAsync(Ct);
        await sandbox.PauseAsync(Ct);
        Assert.Equal(SandboxState.Paused, await sandbox.GetStateAsync(Ct));
        await sandbox.ResumeAsync(Ct);
        Assert.Equal(0, (await OciFixture.RunAsync(sandbox, "true")).ExitCode);
        await sandbox.PauseAsync(Ct);

        await sandbox.StopAsync(Ct);

        Assert.Equal(SandboxState.Stopped, await sandbox.GetStateAsync(Ct));
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task TwoSandboxes_HaveDifferentUserNumbersOnTheHost()
    {
        var a = await oci.CreateAsync(new SandboxSpec { Name = "one" });
        var b = await oci.CreateAsync(new SandboxSpec { Name = "two" });
        await a.StartAsync(Ct);
        await b.StartAsync(Ct);

        var maps = new[] { await OciFixture.RunAsync(a, "cat", "/proc/self/uid_map"), await OciFixture.RunAsync(b, "cat", "/proc/self/uid_map") };

        var bases = maps.Select(map => int.Parse(map.OutputText.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])).ToArray();
        Assert.All(bases, first => Assert.True(first > 1_000_000));
        Assert.NotEqual(bases[0], bases[1]);
        await a.DeleteAsync(Ct);
        await b.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Stats_OfARunningSandbox_Count()
    {
        var stats = await oci.Shared.GetStatsAsync(Ct);

        Assert.True(stats.MemoryBytes > 0);
        Assert.True(stats.Processes > 0);
        Assert.True(stats.CpuTime > TimeSpan.Zero);
    }

    [Fact]
    public async Task Limits_OnProcesses_StopAForkBomb()
    {
        var sandbox = await oci.CreateAsync(new SandboxSpec { Name = "bomb", Limits = new SandboxLimits(Processes: 40) });
        await sandbox.StartAsync(Ct);

        var result = await OciFixture.RunAsync(sandbox, "sh", "-c", "i=0; while [ $i -lt 100 ]; do sleep 60 >/dev/null 2>&1 & i=$((i+1)); done; echo all");

        Assert.DoesNotContain("all", result.OutputText);
        Assert.Contains("fork", result.ErrorText, StringComparison.OrdinalIgnoreCase);
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Limits_OnMemory_EndTheProcessThatTakesMore()
    {
        var sandbox = await oci.CreateAsync(new SandboxSpec { Name = "eater", Limits = new SandboxLimits(MemoryBytes: 64 << 20) });
        await sandbox.StartAsync(Ct);

        var small = await OciFixture.RunAsync(sandbox, "sh", "-c", "head -c 10000000 /dev/zero | tail -c 9000000 | wc -c");
        var large = await OciFixture.RunAsync(sandbox, "sh", "-c", "head -c 200000000 /dev/zero | tail -c 190000000 | wc -c");

        Assert.Equal("9000000\n", small.OutputText);
        Assert.NotEqual("190000000\n", large.OutputText);
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Mounts_ShowAHostFolderWithTheSameNumbers()
    {
        using var folder = new Testing.TemporaryFolder();
        await File.WriteAllTextAsync(folder["in"], "from outside", Ct);
        await ChildProcess.RunAsync(new ChildSpec("chown", "-R", "1000:1000", folder.Path), RunLimits.Default, Ct);
        var sandbox = await oci.CreateAsync(new SandboxSpec
        {
            Name = "mounted",
            Mounts = [new SandboxMount(folder.Path, "/home/agent/workspace", false), new SandboxMount(folder["in"], "/etc/shown", true)],
        });
        await sandbox.StartAsync(Ct);

        var result = await OciFixture.RunAsync(
            sandbox, "sh", "-c", "cat workspace/in /etc/shown; echo written > workspace/out; echo x > /etc/shown; stat -c %u workspace/in");

        Assert.Equal("from outsidefrom outside1000\n", result.OutputText);
        Assert.Contains("Read-only", result.ErrorText);
        Assert.Equal("written\n", await File.ReadAllTextAsync(folder["out"], Ct));
        await sandbox.DeleteAsync(Ct);
    }
}
