using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tests.Backends;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Oci;

/// <summary>Crashes of the runtime: it is killed at some point of its work, and the sandbox can be started, used and removed all the same.</summary>
public class RuntimeCrashTests(OciFixture oci) : IClassFixture<OciFixture>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(22)]
    [InlineData(35)]
    public async Task Run_KilledAfterMilliseconds_LeavesWhatCanBeStartedOrRemoved(int milliseconds)
    {
        oci.SkipWithoutBackend();
        using var folder = new TemporaryFolder();
        var name = $"cut{milliseconds}";
        var killing = Runtime(folder, $"""
            case " $* " in
            *" run "*) "$runtime" "$@" & child=$!; sleep 0.{milliseconds:000}; kill -9 $child; wait $child; exit 137 ;;
            *) exec "$runtime" "$@" ;;
            esac
            """);
        var sandbox = await killing.CreateAsync(new SandboxSpec { Name = name }, Ct);

        await Assert.ThrowsAsync<SandboxException>(() => sandbox.StartAsync(Ct));

        var found = await oci.Another().FindAsync(name, Ct);
        await found!.StartAsync(Ct);
        Assert.Equal("alive\n", (await BackendFixture.RunAsync(found, "echo", "alive")).OutputText);
        await found.DeleteAsync(Ct);
        Assert.Empty(Groups(name));
        Assert.DoesNotContain(await oci.Another().FindRemainsAsync(Ct), left => left.Sandbox == name);
    }

    [Fact]
    public async Task Run_Killed_ThenDeleted_LeavesNoControlGroupAndNoState()
    {
        oci.SkipWithoutBackend();
        using var folder = new TemporaryFolder();
        var killing = Runtime(folder, """
            case " $* " in
            *" run "*) "$runtime" "$@" & child=$!; sleep 0.012; kill -9 $child; wait $child; exit 137 ;;
            *) exec "$runtime" "$@" ;;
            esac
            """);
        var sandbox = await killing.CreateAsync(new SandboxSpec { Name = "cutdown" }, Ct);
        await Assert.ThrowsAsync<SandboxException>(() => sandbox.StartAsync(Ct));

        await (await oci.Another().FindAsync("cutdown", Ct))!.DeleteAsync(Ct);

        Assert.Empty(Groups("cutdown"));
        Assert.Empty(Directory.GetFileSystemEntries(oci.Settings.RunFolder, "cutdown*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Exec_WhoseRuntimeIsKilled_EndsWithItsCommand_AndTheSandboxGoesOn()
    {
        var mark = $"{Random.Shared.Next(100_000, 999_999)}";
        var sandbox = await oci.StartedAsync(new SandboxSpec { Name = "cutexec" });
        await using var execution = await sandbox.ExecAsync(new ExecSpec("sleep", mark), Ct);
        await UntilAsync(() => Commands($"sleep\0{mark}\0").Any());

        foreach (var runtime in Commands($"\0--preserve-fds\u00000\0{sandbox.Name}\0"))
        {
            Assert.Equal(0, Native.Libc.kill(runtime, (int)Signal.Kill));
        }

        Assert.Equal(137, (await execution.Completed.WaitAsync(TimeSpan.FromSeconds(60), Ct)).ExitCode);
        await UntilAsync(() => !Commands($"sleep\0{mark}\0").Any());
        Assert.Equal("alive\n", (await BackendFixture.RunAsync(sandbox, "echo", "alive")).OutputText);
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Exec_WhoseRuntimeIsKilled_BeforeItNamedTheCommand_EndsIt()
    {
        oci.SkipWithoutBackend();
        using var folder = new TemporaryFolder();
        var silent = Runtime(folder, """
            for argument; do
                shift
                test "$before" = --pid-file && argument="$0.$$"
                set -- "$@" "$argument"
                before=$argument
            done
            exec "$runtime" "$@"
            """);
        var mark = $"{Random.Shared.Next(100_000, 999_999)}";
        await oci.StartedAsync(new SandboxSpec { Name = "cutsilent" });
        var sandbox = await silent.FindAsync("cutsilent", Ct);
        await using var other = await sandbox!.ExecAsync(new ExecSpec("sleep", $"{mark}9"), Ct);
        await using var execution = await sandbox.ExecAsync(new ExecSpec("sleep", mark), Ct);
        await UntilAsync(() => Commands($"sleep\0{mark}\0").Any() && Commands($"sleep\0{mark}9\0").Any());

        Assert.Equal(0, Native.Libc.kill(ProcessStatus.Of(Commands($"sleep\0{mark}\0").Single())!.Parent, (int)Signal.Kill));

        Assert.Equal(137, (await execution.Completed.WaitAsync(TimeSpan.FromSeconds(60), Ct)).ExitCode);
        await UntilAsync(() => !Commands($"sleep\0{mark}\0").Any());
        Assert.NotEmpty(Commands($"sleep\0{mark}9\0")); // Its runtime lives.
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Delete_WithABrokenRuntime_SaysWhatIsLeft_AndCleaningUpRemovesIt()
    {
        oci.SkipWithoutBackend();
        using var folder = new TemporaryFolder();
        var broken = Runtime(folder, """
            case " $* " in
            *" delete "*) exit 3 ;;
            *) exec "$runtime" "$@" ;;
            esac
            """);
        var sandbox = await broken.CreateAsync(new SandboxSpec { Name = "stuck" }, Ct);
        await sandbox.StartAsync(Ct);

        var failure = await Assert.ThrowsAsync<SandboxRemainsException>(() => sandbox.DeleteAsync(Ct));

        Assert.Equal(2, failure.Remains.Count); // What the runtime knows, and the files, which were not touched.
        Assert.All(failure.Remains, left => Assert.Contains(left.Command, failure.Message));
        Assert.Null(await oci.Another().FindAsync("stuck", Ct));
        var found = (await oci.Another().FindRemainsAsync(Ct)).Where(left => left.Sandbox == "stuck").ToList();
        Assert.Equal(2, found.Count);
        foreach (var left in found)
        {
            await left.RemoveAsync(Ct);
        }

        Assert.DoesNotContain(await oci.Another().FindRemainsAsync(Ct), left => left.Sandbox == "stuck");
        Assert.Empty(Groups("stuck"));
        Assert.False(Directory.Exists(Path.Combine(oci.Settings.StateFolder, "stuck")));
    }

    [Fact]
    public async Task Delete_ThatFailed_IsFinishedByTheCommandsThatItNames()
    {
        oci.SkipWithoutBackend();
        using var folder = new TemporaryFolder();
        var broken = Runtime(folder, """
            case " $* " in
            *" delete "*) test -e "$0.repaired" || exit 3 ;;
            esac
            exec "$runtime" "$@"
            """);
        var sandbox = await broken.CreateAsync(new SandboxSpec { Name = "byhand" }, Ct);
        await sandbox.StartAsync(Ct);
        var failure = await Assert.ThrowsAsync<SandboxRemainsException>(() => sandbox.DeleteAsync(Ct));
        await File.WriteAllTextAsync(folder["runtime.repaired"], "", Ct);

        foreach (var left in failure.Remains)
        {
            var done = await ChildProcess.RunAsync(
                new ChildSpec("sh", "-c", left.Command) { Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default } }, RunLimits.Default, Ct);
            Assert.True(done.Succeeded, done.ErrorText);
        }

        Assert.False(Directory.Exists(Path.Combine(oci.Settings.StateFolder, "byhand")));
        Assert.Empty(Groups("byhand"));
        foreach (var left in (await oci.Another().FindRemainsAsync(Ct)).Where(left => left.Sandbox == "byhand"))
        {
            await left.RemoveAsync(Ct); // The mark that it was being removed.
        }

        await (await oci.CreateAsync(new SandboxSpec { Name = "byhand" })).DeleteAsync(Ct);
    }

    private ISandboxBackend Runtime(TemporaryFolder folder, string script)
    {
        File.WriteAllText(folder["runtime"], $"#!/bin/sh\nruntime={ProgramPath.Find("runc")}\n{script}\n");
        File.SetUnixFileMode(folder["runtime"], (UnixFileMode)0x1ED);
        return SandboxBackends.All["oci"].Open(oci.Settings with { Runtime = folder["runtime"] });
    }

    private static string[] Groups(string name) => Rootless.IsEntered
        ? []
        : Directory.GetDirectories("/sys/fs/cgroup", $"{name}-*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3, IgnoreInaccessible = true });

    private static IEnumerable<int> Commands(string part)
    {
        foreach (var process in ProcessStatus.All())
        {
            string command;
            try
            {
                command = File.ReadAllText($"/proc/{process.Pid}/cmdline");
            }
            catch (IOException)
            {
                continue; // Ended meanwhile.
            }

            if (command.Contains(part, StringComparison.Ordinal) && !process.IsEnded)
            {
                yield return process.Pid;
            }
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var started = TimeProvider.System.GetTimestamp(); !condition();)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), "not within a minute");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        }
    }
}
