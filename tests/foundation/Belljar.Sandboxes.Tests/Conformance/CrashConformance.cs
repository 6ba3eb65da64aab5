using System.Security.Cryptography;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tests.Backends;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Conformance;

/// <summary>Load, crashes, failing teardowns, snapshots: what a sandbox's owner meets on bad days.</summary>
public abstract class CrashConformance(BackendFixture backend)
{
    private const int Concurrent = 50;

    [System.Diagnostics.CodeAnalysis.SuppressMessage("ApiDesign", "RS0030", Justification = "A test run's own switch.")]
    private static int LargeFile { get; } = Environment.GetEnvironmentVariable("BELLJAR_TEST_ALL") == "1" ? 300 << 20 : 8 << 20;

    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Execs_FiftyAtOnce_EachGetItsOwnOutput()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, Concurrent).Select(
            i => backend.Shared.RunAsync(new ExecSpec("sh", "-c", $"cat; echo {i}") { Environment = new Dictionary<string, string> { ["I"] = $"{i}" } }, RunLimits.Default with { Input = System.Text.Encoding.ASCII.GetBytes($"{SuiteWatch.Value} {i} ") }, Ct)));

        Assert.All(results, (result, i) => Assert.Equal($"{SuiteWatch.Value} {i} {i}\n", result.OutputText));
    }

    [Fact]
    public async Task Copies_OfManyAndLargeFiles_AreExactBothWays()
    {
        var large = LargeFile;
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["in/many"]);
        await File.WriteAllBytesAsync(folder["in/large"], RandomNumberGenerator.GetBytes(large), Ct);
        for (var i = 0; i < 500; i++)
        {
            await File.WriteAllTextAsync(folder[$"in/many/{i}"], $"{i}", Ct);
        }

        await backend.Shared.CopyInAsync(folder["in"], "/home/agent/copies", null, Ct);
        await backend.Shared.CopyOutAsync("/home/agent/copies", folder["out"], long.MaxValue, Ct);

        var same = await ChildProcess.RunAsync(new ChildSpec("diff", "-r", folder["in"], folder["out"]), RunLimits.Default, Ct);
        Assert.Equal((0, ""), (same.ExitCode, same.OutputText));
    }

    [Fact]
    public async Task Copies_OfAStoppedSandbox_AreExactBothWays()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["in/a/b"]);
        var bytes = RandomNumberGenerator.GetBytes(200_000);
        await File.WriteAllBytesAsync(folder["in/a/b/data"], bytes, Ct);
        File.CreateSymbolicLink(folder["in/link"], "/etc/shadow");
        var sandbox = await backend.CreateAsync(new SandboxSpec { Name = "copies" });

        await sandbox.CopyInAsync(folder["in"], "/home/agent/x/y", null, Ct);
        await sandbox.WriteFileAsync("/home/agent/x/y/more", bytes, SandboxFileAttributes.Default, Ct);
        var read = await sandbox.ReadFileAsync("/home/agent/x/y/more", 1 << 20, Ct);
        var missing = await sandbox.ReadFileAsync("/home/agent/x/y/none", 1 << 20, Ct);
        var tooLarge = await sandbox.ReadFileAsync("/home/agent/x/y/more", 10, Ct);
        var notAFile = await sandbox.ReadFileAsync("/home/agent/x", 10, Ct);
        await sandbox.CopyOutAsync("/home/agent/x", folder["out"], 1 << 20, Ct);
        await Assert.ThrowsAsync<SandboxException>(() => sandbox.CopyOutAsync("/home/agent/x", folder["out2"], 1000, Ct));

        Assert.Equal(bytes, read.Content.ToArray());
        Assert.Equal((1000, 1000), (read.Uid, read.Gid));
        Assert.Equal(
            (SandboxReadStatus.Missing, SandboxReadStatus.TooLarge, SandboxReadStatus.NotAFile), (missing.Status, tooLarge.Status, notAFile.Status));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(folder["out/y/a/b/data"], Ct));
        Assert.Equal("/etc/shadow", new FileInfo(folder["out/y/link"]).LinkTarget);
        await sandbox.StartAsync(Ct);
        Assert.Equal("1000 1000\n", (await BackendFixture.RunAsync(sandbox, "stat", "-c", "%u %g", "x/y/a/b/data")).OutputText);
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Calls_OnAMissingSandbox_SayThatThereIsNone()
    {
        var sandbox = await backend.StartedAsync(new SandboxSpec { Name = "gone" });
        await sandbox.DeleteAsync(Ct);

        Func<Task>[] calls =
        [
            () => sandbox.WriteFileAsync("/home/agent/x", default, SandboxFileAttributes.Default, Ct), () => sandbox.ReadFileAsync("/etc/passwd", 10, Ct),
            () => sandbox.ExecAsync(new ExecSpec("true"), Ct), () => sandbox.ListenAsync(17480, Ct),
        ];

        foreach (var call in calls)
        {
            Assert.Contains("no sandbox gone", (await Assert.ThrowsAsync<SandboxException>(call)).Message);
        }

        await sandbox.DeleteAsync(Ct); // Once more is nothing.
    }

    [Fact]
    public async Task FirstProcess_KilledFromOutside_LeavesAStoppedSandboxThatStartsAgain()
    {
        var sandbox = await backend.StartedAsync(new SandboxSpec { Name = "shot" });
        await BackendFixture.RunAsync(sandbox, "sh", "-c", "echo kept > note");
        await using var running = await sandbox.ExecAsync(new ExecSpec("sleep", "7654"), Ct);

        while (!KillFirstProcessAbove("sleep\07654"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ct); // Not running yet.
        }

        Assert.NotEqual(0, (await running.Completed).ExitCode);
        while (await sandbox.GetStateAsync(Ct) != SandboxState.Stopped)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        }

        await sandbox.StartAsync(Ct);
        Assert.Equal("kept\n", (await BackendFixture.RunAsync(sandbox, "cat", "note")).OutputText);
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Delete_ThatFailsHalfWay_SaysWhatIsLeft_AndCleaningUpRemovesIt()
    {
        var sandbox = await backend.StartedAsync(new SandboxSpec { Name = "sticky" });
        var mark = $"bj-immutable-{Guid.NewGuid():N}";
        await BackendFixture.RunAsync(sandbox, "touch", mark);
        var file = backend.HostFolders.Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, mark, new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true }))
            .First(path => !path.Contains("/merged/", StringComparison.Ordinal)); // An overlay keeps the flag to itself.
        var set = await ChildProcess.RunAsync(new ChildSpec("chattr", "+i", file), RunLimits.Default, Ct);
        Assert.SkipUnless(set.Succeeded, $"a file cannot be made immutable here: {set.ErrorText}");
        try
        {
            var failure = await Assert.ThrowsAsync<SandboxRemainsException>(() => sandbox.DeleteAsync(Ct));

            var left = Assert.Single(failure.Remains);
            Assert.Contains(left.Command, failure.Message);
            Assert.Contains("sticky", failure.Message);
            Assert.DoesNotContain(await backend.Another().ListAsync(Ct), one => one.Name == "sticky");
            var found = Assert.Single(await backend.Another().FindRemainsAsync(Ct), one => one.Sandbox == "sticky");
            await Assert.ThrowsAnyAsync<SandboxException>(() => found.RemoveAsync(Ct)); // Still stuck.
        }
        finally
        {
            await ChildProcess.RunAsync(new ChildSpec("chattr", "-i", file), RunLimits.Default, Ct);
        }

        await Assert.Single(await backend.Another().FindRemainsAsync(Ct), one => one.Sandbox == "sticky").RemoveAsync(Ct);

        Assert.Empty(await backend.Another().FindRemainsAsync(Ct));
        Assert.False(File.Exists(file));
        var again = await backend.CreateAsync(new SandboxSpec { Name = "sticky" });
        await again.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Snapshot_Restored_BringsTheFilesBack()
    {
        var sandbox = await backend.StartedAsync(new SandboxSpec { Name = "time" });
        await BackendFixture.RunAsync(sandbox, "sh", "-c", "echo one > note; mkdir d; echo x > d/x");
        await sandbox.SnapshotAsync("first", Ct);
        Assert.Equal(SandboxState.Running, await sandbox.GetStateAsync(Ct));
        await BackendFixture.RunAsync(sandbox, "sh", "-c", "echo two > note; rm -r d; echo y > new");
        var running = await Assert.ThrowsAsync<SandboxException>(() => sandbox.RestoreAsync("first", Ct));
        await sandbox.StopAsync(Ct);

        await sandbox.RestoreAsync("first", Ct);

        await sandbox.StartAsync(Ct);
        Assert.Equal("d\nnote\none\nx\nagent\n", (await BackendFixture.RunAsync(sandbox, "sh", "-c", "ls; cat note d/x; stat -c %U note")).OutputText);
        Assert.Contains("stop it", running.Message);
        Assert.Equal(["first"], await sandbox.ListSnapshotsAsync(Ct));
        await Assert.ThrowsAsync<SandboxException>(() => sandbox.SnapshotAsync("first", Ct));
        await sandbox.StopAsync(Ct);
        Assert.Contains("Known: first", (await Assert.ThrowsAsync<SandboxException>(() => sandbox.RestoreAsync("second", Ct))).Message);
        await sandbox.DeleteAsync(Ct);
    }

    /// <summary>Kills the first process of the namespace in which a command runs.</summary>
    private static bool KillFirstProcessAbove(string command)
    {
        var processes = Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[6])).ToList();
        var sleeper = processes.FirstOrDefault(path => TryRead($"{path}/cmdline").Contains(command, StringComparison.Ordinal) && !TryRead($"{path}/cmdline").Contains("runc", StringComparison.Ordinal));
        if (sleeper is null)
        {
            return false;
        }

        var space = new FileInfo($"{sleeper}/ns/pid").LinkTarget;
        var first = processes.First(path => TryRead($"{path}/comm") == ".init\n" && new FileInfo($"{path}/ns/pid").LinkTarget == space);
        return Native.Libc.kill(int.Parse(Path.GetFileName(first)), 9) == 0;
    }

    private static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
