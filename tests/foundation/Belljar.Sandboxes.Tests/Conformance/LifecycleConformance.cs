using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tests.Backends;

namespace Belljar.Sandboxes.Tests.Conformance;

public abstract class LifecycleConformance(BackendFixture backend)
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_Start_Stop_Start_KeepsTheFilesAndDeleteTakesAll()
    {
        var sandbox = await backend.CreateAsync(new SandboxSpec { Name = "life" });
        Assert.Equal(SandboxState.Stopped, await sandbox.GetStateAsync(Ct));
        await sandbox.StartAsync(Ct);
        Assert.Equal(SandboxState.Running, await sandbox.GetStateAsync(Ct));
        Assert.Equal(0, (await BackendFixture.RunAsync(sandbox, "sh", "-c", "echo kept > ~/note")).ExitCode);
        await sandbox.StopAsync(Ct);
        Assert.Equal(SandboxState.Stopped, await sandbox.GetStateAsync(Ct));
        await sandbox.StartAsync(Ct);
        Assert.Equal("kept\n", (await BackendFixture.RunAsync(sandbox, "cat", "note")).OutputText);

        await sandbox.DeleteAsync(Ct);

        Assert.Null(await backend.Backend.FindAsync("life", Ct));
        Assert.Empty(Directory.GetDirectories("/sys/fs/cgroup", "life*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 }));
        foreach (var folder in backend.HostFolders.Where(Directory.Exists))
        {
            Assert.Empty(Directory.GetFileSystemEntries(folder, "*life*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4, IgnoreInaccessible = true }));
            Assert.DoesNotContain($"{folder}/life", await File.ReadAllTextAsync("/proc/self/mountinfo", Ct));
        }
    }

    [Fact]
    public async Task List_ByAnotherBackendObject_FindsAndDeletesWhatAnOwnerLeft()
    {
        var orphan = await backend.CreateAsync(new SandboxSpec { Name = "orphan" });
        await orphan.StartAsync(Ct);

        var found = await backend.Backend.FindAsync("orphan", Ct);

        Assert.NotNull(found);
        Assert.Equal(SandboxState.Running, await found.GetStateAsync(Ct));
        await found.DeleteAsync(Ct);
        Assert.Equal(SandboxState.Stopped, await orphan.GetStateAsync(Ct));
    }

    [Fact]
    public async Task Create_OfATakenName_IsRefused()
    {
        var first = await backend.CreateAsync(new SandboxSpec { Name = "twice" });

        var refusal = await Assert.ThrowsAsync<SandboxException>(() => backend.CreateAsync(new SandboxSpec { Name = "twice" }));

        Assert.Contains("'twice' already", refusal.Message);
        await first.DeleteAsync(Ct);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../up")]
    [InlineData("Up")]
    [InlineData("a/b")]
    public async Task Create_OfABadName_IsRefused(string name) =>
        await Assert.ThrowsAsync<SandboxException>(() => backend.CreateAsync(new SandboxSpec { Name = name }));

    [Fact]
    public async Task Exec_InAStoppedSandbox_Throws()
    {
        var sandbox = await backend.CreateAsync(new SandboxSpec { Name = "still" });

        await Assert.ThrowsAsync<SandboxException>(() => sandbox.ExecAsync(new ExecSpec("true"), Ct));

        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Pause_Freezes_AndStopWorksAllTheSame()
    {
        var sandbox = await backend.CreateAsync(new SandboxSpec { Name = "ice" });
        await sandbox.StartAsync(Ct);
        await sandbox.PauseAsync(Ct);
        Assert.Equal(SandboxState.Paused, await sandbox.GetStateAsync(Ct));
        await sandbox.ResumeAsync(Ct);
        Assert.Equal(0, (await BackendFixture.RunAsync(sandbox, "true")).ExitCode);
        await sandbox.PauseAsync(Ct);

        await sandbox.StopAsync(Ct);

        Assert.Equal(SandboxState.Stopped, await sandbox.GetStateAsync(Ct));
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Stats_OfARunningSandbox_Count()
    {
        Assert.SkipWhen(Rootless.IsEntered, "without control groups nothing is counted");
        var stats = await backend.Shared.GetStatsAsync(Ct);

        Assert.True(stats.MemoryBytes > 0);
        Assert.True(stats.Processes > 0);
        Assert.True(stats.CpuTime > TimeSpan.Zero);
    }

    [Fact]
    public async Task Limits_OnProcesses_StopAForkBomb()
    {
        var sandbox = await backend.CreateAsync(new SandboxSpec { Name = "bomb", Limits = new SandboxLimits(Processes: 40) });
        await sandbox.StartAsync(Ct);

        var result = await BackendFixture.RunAsync(sandbox, "sh", "-c", "i=0; while [ $i -lt 100 ]; do sleep 60 >/dev/null 2>&1 & i=$((i+1)); done; echo all");

        Assert.DoesNotContain("all", result.OutputText);
        Assert.Contains("fork", result.ErrorText, StringComparison.OrdinalIgnoreCase);
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Limits_OnMemory_EndTheProcessThatTakesMore()
    {
        var sandbox = await backend.CreateAsync(new SandboxSpec { Name = "eater", Limits = new SandboxLimits(MemoryBytes: 64 << 20) });
        BackendFixture.SkipWhenNotLimited(sandbox);
        await sandbox.StartAsync(Ct);

        var small = await BackendFixture.RunAsync(sandbox, "sh", "-c", "head -c 10000000 /dev/zero | tail -c 9000000 | wc -c");
        var large = await BackendFixture.RunAsync(sandbox, "sh", "-c", "head -c 200000000 /dev/zero | tail -c 190000000 | wc -c");

        Assert.Equal("9000000\n", small.OutputText);
        Assert.NotEqual("190000000\n", large.OutputText);
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Limits_OnDisk_StopAFloodOfWrites_OrAreSaidNotToBeInForce()
    {
        const long Limit = 64 << 20;
        var sandbox = await backend.CreateAsync(new SandboxSpec { Name = "flood", Limits = new SandboxLimits(DiskBytes: Limit) });
        BackendFixture.SkipWhenNotLimited(sandbox);
        await sandbox.StartAsync(Ct);

        var flood = await BackendFixture.RunAsync(sandbox, "sh", "-c", "echo before > note; head -c 200000000 /dev/zero > big; echo $?; stat -c %s big; rm big; echo after > note2 && cat note2");
        Assert.Contains("No space left", flood.ErrorText);
        Assert.Equal("after", flood.OutputText.Split('\n')[2]);
        Assert.InRange(long.Parse(flood.OutputText.Split('\n')[1]), 1, Limit);

        // All that works on files works on such a disk.
        await sandbox.SnapshotAsync("first", Ct);
        await BackendFixture.RunAsync(sandbox, "rm", "note");
        await sandbox.StopAsync(Ct);
        await sandbox.WriteFileAsync("/home/agent/written", "while stopped"u8.ToArray(), SandboxFileAttributes.Default, Ct);
        Assert.Equal(SandboxReadStatus.Missing, (await sandbox.ReadFileAsync("/home/agent/note", 100, Ct)).Status);
        await sandbox.StartAsync(Ct);
        Assert.Equal("while stopped", (await BackendFixture.RunAsync(sandbox, "cat", "written")).OutputText);
        await sandbox.StopAsync(Ct);
        await sandbox.RestoreAsync("first", Ct);
        await sandbox.StartAsync(Ct);
        Assert.Equal("before\nafter\n", (await BackendFixture.RunAsync(sandbox, "cat", "note", "note2")).OutputText);
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Limits_OnDisk_OfTooLittle_AreRefused() => await Assert.ThrowsAsync<SandboxException>(
        () => backend.CreateAsync(new SandboxSpec { Name = "tiny", Limits = new SandboxLimits(DiskBytes: 1000) }));

    [Fact]
    public async Task Output_WithoutEnd_IsKeptNowhereOnTheHost()
    {
        var result = await backend.Shared.RunAsync(
            new ExecSpec("sh", "-c", "yes log | head -c 100000000; yes error | head -c 50000000 >&2"), RunLimits.Default with { MostOutput = 1000 }, Ct);

        Assert.True(result.Truncated);
        Assert.Equal(1000, result.Output.Length);
        string[] folders = [backend.Settings.RunFolder, .. backend.HostFolders.Select(folder => Path.Combine(folder, "data/containers"))];
        var kept = folders.Where(Directory.Exists)
            .SelectMany(folder => new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true }))
            .Where(file => file is { Exists: true, Length: > 1_000_000 });
        Assert.Empty(kept);
    }

    [Fact]
    public async Task Network_OfAnother_IsJoined_OrRefused_AsTheCatalogueSays()
    {
        if (!backend.Can(SandboxFeatures.JoinNetwork))
        {
            var refusal = await Assert.ThrowsAsync<SandboxException>(
                () => backend.CreateAsync(new SandboxSpec { Name = "joined", Network = SandboxNetwork.Join("/proc/self/ns/net") }));
            Assert.Contains("oci", refusal.Message);
            return;
        }

        await using var network = ChildProcess.Start(new ChildSpec("unshare", "--net", "--", "sh", "-c", "ip link add bj0 type veth peer name bj1 && echo made && exec cat")
        {
            Input = ChildStream.Pipe,
            Output = ChildStream.Pipe,
        });
        await network.Output!.ReadExactlyAsync(new byte[5], Ct);
        var sandbox = await backend.StartedAsync(new SandboxSpec { Name = "joined", Network = SandboxNetwork.Join($"/proc/{network.Pid}/ns/net") });

        var devices = await BackendFixture.RunAsync(sandbox, "sh", "-c", "cut -d: -f1 /proc/net/dev | tail -n +3");

        Assert.Equal("", devices.ErrorText);
        Assert.Equal(["bj0", "bj1", "lo"], devices.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal));
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Mounts_ShowAHostFolderWithTheSameNumbers()
    {
        Assert.SkipWhen(Rootless.IsEntered, "for a user who is not root, mounted folders belong to nobody inside");
        using var folder = new Testing.TemporaryFolder();
        await File.WriteAllTextAsync(folder["in"], "from outside", Ct);
        await ChildProcess.RunAsync(new ChildSpec("chown", "-R", "1000:1000", folder.Path), RunLimits.Default, Ct);
        var sandbox = await backend.CreateAsync(new SandboxSpec
        {
            Name = "mounted",
            Mounts = [new SandboxMount(folder.Path, "/home/agent/workspace", false), new SandboxMount(folder["in"], "/etc/shown", true)],
        });
        await sandbox.StartAsync(Ct);

        var result = await BackendFixture.RunAsync(
            sandbox, "sh", "-c", "cat workspace/in /etc/shown; echo written > workspace/out; echo x > /etc/shown; stat -c %u workspace/in");

        Assert.Equal("from outsidefrom outside1000\n", result.OutputText);
        Assert.Contains("Read-only", result.ErrorText);
        Assert.Equal("written\n", await File.ReadAllTextAsync(folder["out"], Ct));
        await sandbox.DeleteAsync(Ct);
    }
}
