using System.Net.Sockets;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Hosting;
using Belljar.Sandboxes;
using Belljar.Sandboxes.Processes;
using Microsoft.Extensions.Logging;

namespace Belljar.Bottles.Sessions;

/// <summary>What a session needs from the program around it.</summary>
/// <param name="Backend">Makes the sandbox.</param>
/// <param name="Launch">How this session's gate is started.</param>
/// <param name="Terminal">The operator's TERM; null where there is no terminal.</param>
public sealed record SessionServices(
    ISandboxBackend Backend, Func<SessionPlan, SessionFolder, GateLaunch> Launch, IEventSink Events, TimeProvider Clock, ILogger Logger, string? Terminal);

/// <summary>How a session ended.</summary>
/// <param name="ExitCode">The command's.</param>
/// <param name="Problem">Why the command could not be run at all; null when it ran.</param>
/// <param name="Left">What could not be removed, with the command that does it.</param>
public sealed record SessionOutcome(int ExitCode, string? Problem, IReadOnlyList<string> Left);

/// <summary>
/// One running bottle, from its sandbox's first namespace to the last file removed:
/// <code>
/// 1 folder     state/sessions/SLUG, locked by us
/// 2 sandbox    its namespaces exist, it trusts the session's authority, nothing of the agent runs
/// 3 listeners  127.0.0.1:17480 inside and a door for each forward, held by us
/// 4 gate       serves the listener from outside, ready
/// 5 command    our standard streams are its own
/// </code>
/// Teardown is the same in reverse, always.
/// </summary>
public sealed class BottleSession(SessionPlan plan, SessionFolder folder, SessionServices services)
{
    private readonly SessionSlug _slug = new(plan.Slug);
    private volatile GateKeeper? _gate;

    /// <summary>Other routes for the running session; before its gate is there, nothing.</summary>
    /// <param name="configuration">As in the plan.</param>
    public Task ReplaceGateAsync(byte[] configuration, CancellationToken ct) => _gate?.ReplaceAsync(configuration, ct) ?? Task.CompletedTask;

    /// <param name="stop">Ends the command: first it is asked to, then it is killed.</param>
    /// <exception cref="OperatorException">The session could not be set up; everything that was made is removed again.</exception>
    public async Task<SessionOutcome> RunAsync(CancellationToken stop)
    {
        var started = services.Clock.GetTimestamp();
        folder.Create();
        using var owner = SocketLock.Take(folder.Lock);
        var record = new SessionRecord(
            plan.Slug, plan.Bottle, plan.Command[0], services.Backend.Name, Environment.ProcessId, services.Clock.GetUtcNow(), null, null);
        folder.Write(record);

        var teardown = new Teardown(services.Logger);
        ExecResult result;
        try
        {
            await using (teardown)
            {
                var sandbox = await MakeSandboxAsync(teardown, stop);
                await OpenGateAsync(sandbox, teardown, stop);
                await services.Events.RecordAsync(Event(EventKinds.BottleStarted, new BottleStarted(plan.Bottle, plan.Command[0], sandbox.Backend, plan.Routes)), stop);
                result = await RunCommandAsync(sandbox, stop);
            }
        }
        catch (Exception problem) when (problem is SandboxException or IOException or UnauthorizedAccessException)
        {
            // The backend knows best why it cannot be used here, and what to install.
            var probe = await services.Backend.ProbeAsync(CancellationToken.None);
            throw new OperatorException(probe.Problem ?? problem.Message);
        }

        var duration = services.Clock.GetElapsedTime(started).TotalMilliseconds;
        folder.Write(record with { EndedAt = services.Clock.GetUtcNow(), ExitCode = result.ExitCode });
        await services.Events.RecordAsync(Event(EventKinds.BottleEnded, new BottleEnded(plan.Bottle, result.ExitCode, duration)), CancellationToken.None);
        return new SessionOutcome(result.ExitCode, result.Reason, teardown.Left);
    }

    private async Task<ISandbox> MakeSandboxAsync(Teardown teardown, CancellationToken stop)
    {
        var started = services.Clock.GetTimestamp();
        var sandbox = await services.Backend.CreateAsync(
            new SandboxSpec
            {
                Name = plan.Slug,
                Rootfs = RootfsOf(plan.Rootfs),
                Network = SandboxNetwork.None,
                Profile = SandboxProfile.Agent,
                Environment = SessionEnvironment.With(plan.Environment, services.Terminal),
                Hostname = plan.Bottle,
                Limits = new SandboxLimits(plan.MemoryBytes, plan.Processors, plan.Processes),
            },
            stop);
        teardown.Add($"sandbox {plan.Slug}", $"belljar bottle cleanup {plan.Slug}", async () =>
        {
            await sandbox.DeleteAsync(CancellationToken.None);
            services.Events.Post(Event(EventKinds.SandboxStopped, new SandboxStopped(sandbox.Backend)));
        });
        await sandbox.StartAsync(stop);
        await new TrustStore(sandbox).AddAsync(plan.Authority, stop);
        var duration = services.Clock.GetElapsedTime(started).TotalMilliseconds;
        services.Events.Post(Event(EventKinds.SandboxCreated, new SandboxCreated(sandbox.Backend, plan.Rootfs, duration)));
        return sandbox;
    }

    private async Task OpenGateAsync(ISandbox sandbox, Teardown teardown, CancellationToken stop)
    {
        var listeners = new List<Socket>();
        foreach (var port in plan.Doors.Prepend(SessionEnvironment.EgressPort))
        {
            listeners.Add(await sandbox.ListenAsync(port, stop));
        }

        var keeper = new GateKeeper(_slug, listeners, services.Launch(plan, folder), services.Events, services.Clock, services.Logger);
        teardown.Add($"the gate of {plan.Slug}", $"kill {keeper.Pid}", keeper.DisposeAsync);
        await keeper.StartAsync(stop);
        _gate = keeper;
    }

    private async Task<ExecResult> RunCommandAsync(ISandbox sandbox, CancellationToken stop)
    {
        await using var execution = await sandbox.ExecAsync(
            new ExecSpec(plan.Command) { Input = ChildStream.Inherit, Output = ChildStream.Inherit, Error = ChildStream.Inherit },
            CancellationToken.None);
        await using var asked = stop.Register(() => execution.Send(Signal.Terminate));
        var ended = await Task.WhenAny(execution.Completed, AfterStopAsync(stop));
        if (ended != execution.Completed)
        {
            execution.Send(Signal.Kill);
        }

        return await execution.Completed;
    }

    /// <summary>Completes some seconds after the stop was asked for.</summary>
    private async Task AfterStopAsync(CancellationToken stop)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, services.Clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Delay(TimeSpan.FromSeconds(5), services.Clock, CancellationToken.None);
    }

    private static SandboxRootfs RootfsOf(string rootfs) => rootfs == "host" ? SandboxRootfs.Host : SandboxRootfs.Directory(rootfs);

    private BelljarEvent Event<T>(EventKind<T> kind, T payload) => kind.At(services.Clock, payload) with { Session = plan.Slug };
}
