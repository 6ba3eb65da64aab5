using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tests.Backends;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Conformance;

/// <summary>Crashes of us: a process that works with sandboxes is killed, and cleaning up by another one leaves nothing of them.</summary>
public abstract class KillConformance(BackendFixture backend)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task KilledWithRunningCommands_LeavesNothingAfterCleaningUp() => await KillAsync(busy: true, TimeSpan.Zero);

    [Fact]
    public async Task KilledWhileMakingAndRemoving_LeavesNothingAfterCleaningUp()
    {
        foreach (var round in Enumerable.Range(0, TestScale.IsAll ? 25 : Rootless.IsEntered ? 1 : 2))
        {
            await KillAsync(busy: false, TimeSpan.FromMilliseconds(Random.Shared.Next(0, 150) + round));
        }
    }

    private async Task KillAsync(bool busy, TimeSpan pause)
    {
        backend.SkipWithoutBackend();
        using var folder = new TemporaryFolder();
        var mark = $"{Random.Shared.Next(100_000, 999_999)}";
        var settings = backend.Settings with { StateFolder = folder["s"], RunFolder = Rootless.IsEntered ? folder["r"] : $"{backend.Settings.RunFolder}-k" };
        try
        {
            await using (var victim = Victim.Start(backend.BackendName, settings, folder["ready"], mark, busy))
            {
                await UntilAsync(() => victim.Exited.IsCompleted || Directory.GetFiles(folder.Path, "ready*").Length == 3, "the victim works");
                Assert.False(victim.Exited.IsCompleted, "the victim ended by itself");
                await Task.Delay(pause, TimeProvider.System, Ct); // Any moment will do.
                victim.Send(Signal.Kill);
                await victim.Exited.WaitAsync(Longest, Ct);
            }

            await UntilAsync(() => !RuntimeIsStarting(settings), "a runtime that was starting something has done so");
            Assert.Equal(busy, Sleepers(mark) > 0); // Control: there was something to end.
            await UntilAsync(async () => await CleanUpAsync(settings), "nothing is left");

            Assert.Empty(Left(settings, mark));
            Assert.Equal(0, Sleepers(mark));
        }
        finally
        {
            if (Directory.Exists(settings.RunFolder))
            {
                Directory.Delete(settings.RunFolder, recursive: true);
            }
        }
    }

    /// <summary>As <c>cleanup</c> does.</summary>
    /// <returns>Whether a second look found nothing: an engine may still have been about to do what the killed process had asked for.</returns>
    private async Task<bool> CleanUpAsync(SandboxSettings settings)
    {
        var another = SandboxBackends.All[backend.BackendName].Open(settings);
        foreach (var sandbox in await another.ListAsync(Ct))
        {
            await sandbox.DeleteAsync(Ct);
        }

        foreach (var left in await another.FindRemainsAsync(Ct))
        {
            await left.RemoveAsync(Ct);
        }

        return (await another.ListAsync(Ct)).Count == 0 && (await another.FindRemainsAsync(Ct)).Count == 0 && (await backend.EngineKeepsAsync(settings, Ct)).Count == 0;
    }

    private static IEnumerable<string> Left(SandboxSettings settings, string mark)
    {
        string[] folders =
        [
            settings.StateFolder, Path.Combine(settings.StateFolder, ".ids"), Path.Combine(settings.StateFolder, ".making"), Path.Combine(settings.StateFolder, ".deleting"),
            Path.Combine(settings.StateFolder, ".making-containers"), Path.Combine(settings.RunFolder, "state"), Path.Combine(settings.RunFolder, "runtime"),
        ];
        foreach (var entry in folders.Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries).Where(entry => !Path.GetFileName(entry).StartsWith('.')))
        {
            yield return entry;
        }

        foreach (var group in Directory.EnumerateDirectories("/sys/fs/cgroup", "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3, IgnoreInaccessible = true })
            .Where(path => Path.GetFileName(path).StartsWith($"v{mark}-", StringComparison.Ordinal)))
        {
            yield return group;
        }

        foreach (var mount in File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(settings.StateFolder, StringComparison.Ordinal)))
        {
            yield return mount;
        }
    }

    private static bool RuntimeIsStarting(SandboxSettings settings) =>
        Commands().Any(command => command.Contains($"--root\0{settings.RunFolder}/", StringComparison.Ordinal) && command.Contains("\0run\0", StringComparison.Ordinal));

    private static int Sleepers(string mark) => Commands().Count(command => command == $"sleep\0{mark}\0");

    private static IEnumerable<string> Commands()
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

            yield return command;
        }
    }

    private static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        for (var started = TimeProvider.System.GetTimestamp(); !await condition();)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Longest, $"not in time: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ct);
        }
    }
}
