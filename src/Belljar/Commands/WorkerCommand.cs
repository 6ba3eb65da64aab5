using System.CommandLine;
using Belljar.Contracts;
using Belljar.Home;
using Belljar.Hosting;
using Belljar.Hosting.Settings;
using Belljar.Terminals;

namespace Belljar.Commands;

/// <summary>Runs one worker in the foreground, as a service manager does.</summary>
internal static class WorkerCommand
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var name = new Argument<string>("worker") { Description = "the worker's name; see: belljar workers" };
        name.CompletionSources.Add(_ => WorkerCatalog.All.Names.Select(known => new System.CommandLine.Completions.CompletionItem(known)));
        var command = CommandTree.Create("worker", "Run one worker in the foreground.", "belljar worker mail", name);
        command.SetAction((parsed, ct) => RunAsync(parsed.GetRequiredValue(name), CommandTree.Paths(), ct));
        return command;
    }

    private static async Task<int> RunAsync(string name, BelljarPaths paths, CancellationToken ct)
    {
        var worker = WorkerCatalog.All[name];
        HomeLayout.Prepare(paths);
        var settings = new SettingsLoader(SettingsCatalog.All).LoadOrExplain(paths.ConfigurationFile, ProcessEnvironment.All(), []);
        ServiceIdentity.BecomeServiceUser(paths);
        using var owner = SocketLock.TryTake(Path.Combine(paths.Run, $"worker-{worker.Name}"))
            ?? throw new OperatorException($"the worker {worker.Name} runs already in {paths.Home}.");
        if (SocketLock.TryTake(paths.UpLock) is { } up)
        {
            up.Dispose();
        }
        else
        {
            throw new OperatorException($"'belljar up' runs in {paths.Home}, and with it the worker {worker.Name}.");
        }

        await using var belljar = BelljarProcess.ForOne(paths, settings, worker);
        using var signals = new SignalFlags();
        await belljar.Supervisor.StartAllAsync(ct);
        StatusCommand.WriteWorkers(Terminal.Out, belljar.Supervisor.Snapshot());
        if (belljar.Supervisor.Snapshot().All(one => one.State is WorkerState.Ready or WorkerState.Degraded))
        {
            ServiceManager.Ready();
        }

        while (await signals.NextAsync(ct) is not SignalFlags.Request.Stop)
        {
            belljar.Settings = new SettingsLoader(SettingsCatalog.All).LoadOrExplain(paths.ConfigurationFile, ProcessEnvironment.All(), []);
            await belljar.Supervisor.RestartAsync(worker.Name, ct);
        }

        ServiceManager.Stopping();
        using var deadline = new CancellationTokenSource(StopWithin, TimeProvider.System);
        return await belljar.StopAsync(_ => ValueTask.CompletedTask, deadline.Token) ? OperatorException.Failed : 0;
    }
}
