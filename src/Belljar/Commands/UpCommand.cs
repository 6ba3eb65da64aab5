using System.CommandLine;
using System.Runtime.InteropServices;
using Belljar.Contracts.Events;
using Belljar.Home;
using Belljar.Hosting;
using Belljar.Hosting.Settings;
using Belljar.Manifest;
using Belljar.Terminals;
using Microsoft.Extensions.Logging;

namespace Belljar.Commands;

/// <summary>Runs every worker in this process, until a signal says stop.</summary>
internal static partial class UpCommand
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var set = new Option<string[]>("--set") { Description = "a setting for this run: --set web.listen=127.0.0.1:8080", AllowMultipleArgumentsPerToken = false };
        var command = CommandTree.Create(
            "up", "Run everything in this process. An empty home is given a commented starter first.", "belljar up", set);
        command.SetAction((parsed, ct) => RunAsync(CommandTree.Paths(), Flags(parsed.GetValue(set) ?? []), ct));
        return command;
    }

    private static async Task<int> RunAsync(BelljarPaths paths, IReadOnlyList<KeyValuePair<string, string>> flags, CancellationToken ct)
    {
        HomeLayout.Prepare(paths);
        foreach (var file in Starter.Write(paths))
        {
            Terminal.Out.WriteLine($"belljar: wrote {file}");
        }

        var loader = new SettingsLoader(SettingsCatalog.All);
        SettingsSet Load() => loader.LoadOrExplain(paths.ConfigurationFile, ProcessEnvironment.All(), flags);
        var settings = Load();
        ServiceIdentity.BecomeServiceUser(paths);
        using var home = SocketLock.TryTake(paths.UpLock)
            ?? throw new OperatorException($"Belljar already runs in {paths.Home}. See: belljar status");

        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        await using var belljar = BelljarProcess.ForAll(paths, settings);
        using var signals = new SignalFlags();
        await belljar.Supervisor.StartAllAsync(ct);
        belljar.Events.Post(EventKinds.SystemStarted.At(
            clock, new SystemStarted(BelljarVersion.Text, Environment.ProcessId, [.. WorkerCatalog.All.Names]), Severity.Notice));
        StatusCommand.WriteWorkers(Terminal.Out, belljar.Supervisor.Snapshot());
        Terminal.Out.WriteLine($"belljar: ready in {clock.GetElapsedTime(started).TotalSeconds:0.0} s; console: {StatusCommand.ConsoleUrl(belljar.Supervisor.Snapshot(), paths) ?? "not listening (see the table)"}");
        ServiceManager.Ready();

        await ServeUntilStopAsync(belljar, signals, Load, ct);

        ServiceManager.Stopping();
        Terminal.Out.WriteLine("belljar: stopping …");
        using var deadline = new CancellationTokenSource(StopWithin, clock);
        var uptime = clock.GetElapsedTime(started).TotalSeconds;
        var faulted = await belljar.StopAsync(
            events => events.RecordAsync(EventKinds.SystemStopped.At(clock, new SystemStopped(uptime), Severity.Notice), deadline.Token), deadline.Token);
        return faulted ? OperatorException.Failed : 0;
    }

    /// <summary>Signals only set flags; this loop reads them.</summary>
    private static async Task ServeUntilStopAsync(BelljarProcess belljar, SignalFlags signals, Func<SettingsSet> load, CancellationToken ct)
    {
        var logger = belljar.Logger("Up");
        while (await signals.NextAsync(ct) is { } signal && signal is not SignalFlags.Request.Stop)
        {
            try
            {
                var before = belljar.Settings;
                belljar.Settings = load();
                var changed = belljar.Settings.ChangedSince(before);
                var sections = string.Join(", ", changed.DefaultIfEmpty("nothing"));
                LogReloaded(logger, sections);
                if (signal is SignalFlags.Request.RestartChanged)
                {
                    await belljar.Supervisor.RestartReadersAsync(changed, ct);
                }
            }
            catch (OperatorException mistake)
            {
                // What runs goes on with the settings that it has.
                LogMistake(logger, mistake.Message);
                Terminal.Error.WriteLine($"belljar: not reloaded: {mistake.Message}");
            }
        }
    }

    private static List<KeyValuePair<string, string>> Flags(string[] set) => [.. set.Select(pair =>
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? new KeyValuePair<string, string>(pair[..equals], pair[(equals + 1)..])
            : throw new OperatorException($"--set takes key=value, not '{pair}'.", OperatorException.WrongUsage);
    })];

    [LoggerMessage(Level = LogLevel.Information, Message = "configuration read again; changed sections: {Sections}")]
    private static partial void LogReloaded(ILogger logger, string sections);

    [LoggerMessage(Level = LogLevel.Warning, Message = "configuration not reloaded: {Mistake}")]
    private static partial void LogMistake(ILogger logger, string mistake);
}
