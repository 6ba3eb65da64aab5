using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tests.Backends;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Docker;

/// <summary>Crashes of the engine: it is killed while a command runs, and started again. An engine of the test's own.</summary>
public class EngineCrashTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Engine_KilledWhileACommandRuns_EndsIt_AndTheSandboxIsThereAgainAfterwards()
    {
        using var folder = new TemporaryFolder();
        await using var engine = new DockerEngine();
        Assert.SkipWhen(await engine.EnsureAsync() is { } problem, "no Docker engine can be started here");
        var backend = SandboxBackends.All["docker"].Open(new SandboxSettings { StateFolder = folder["s"], EngineSocket = engine.Socket });
        var sandbox = await backend.CreateAsync(new SandboxSpec { Name = "survivor" }, Ct);
        await sandbox.StartAsync(Ct);
        Assert.Equal(0, (await BackendFixture.RunAsync(sandbox, "sh", "-c", "echo kept > note")).ExitCode);
        await using var running = await sandbox.ExecAsync(new ExecSpec("sh", "-c", "echo here; sleep 100000") { Output = ChildStream.Pipe }, Ct);
        await running.Output!.ReadExactlyAsync(new byte[5], Ct);

        await engine.CrashAsync();

        Assert.Equal(137, (await running.Completed.WaitAsync(TimeSpan.FromSeconds(60), Ct)).ExitCode);
        var refusal = await Assert.ThrowsAnyAsync<IOException>(() => sandbox.ExecAsync(new ExecSpec("true"), Ct));
        Assert.Contains("Nothing answers", refusal.Message);
        Assert.Contains("Nothing answers", (await backend.ProbeAsync(Ct)).Problem);

        var again = await engine.StartAgainAsync();
        Assert.True(again is null, again);
        var found = await backend.FindAsync("survivor", Ct);
        await found!.StopAsync(Ct); // What it still ran.
        await found.StartAsync(Ct);
        Assert.Equal("kept\n", (await BackendFixture.RunAsync(found, "cat", "note")).OutputText);
        await found.DeleteAsync(Ct);
        Assert.Empty(await backend.ListAsync(Ct));
        Assert.Empty(await backend.FindRemainsAsync(Ct));
    }
}
